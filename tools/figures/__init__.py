"""Draws the figures of `docs/` and fills the tables of its pages."""
