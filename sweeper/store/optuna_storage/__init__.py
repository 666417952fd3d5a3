"""Optuna's storage in our database, optimized for one worker."""
