"""``glyphs``: characters in the installed fonts."""
