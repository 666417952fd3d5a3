"""``icons``: the icons of a machine's icon themes."""
