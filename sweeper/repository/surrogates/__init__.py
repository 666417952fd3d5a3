"""Surrogates: models of the gain as a function of setting and task."""
