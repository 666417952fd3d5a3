"""Evaluation of recommendations on held-out sources."""
