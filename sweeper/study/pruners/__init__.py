"""What drops trials before their end: Optuna's pruners, and one of our own."""
