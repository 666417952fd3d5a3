"""Finds the right margin and scale for margin losses, by search and by memory."""

__version__ = "0.1.0"
