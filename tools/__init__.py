"""Makers of what is committed: the atlas and the figures of `docs/`. Not in the wheel."""
