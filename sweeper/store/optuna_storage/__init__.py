"""Optuna's storage in our database, as one worker uses it."""
