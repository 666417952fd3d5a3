"""Asking with a file: taken within bounds, measured in a process of its own, then deleted."""
