"""``icons``: icons of the installed icon themes."""
