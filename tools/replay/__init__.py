"""Searches replayed: every method on tasks whose settings are measured already.

``python -m tools.replay fill`` runs them and fills docs/results/search.md, its action ``pool``
measures a pool of settings for that. See `tools.replay.__main__`.
"""
