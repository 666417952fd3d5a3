"""``glyphs``: characters in the fonts of a machine."""
