"""What proposes the next trials: Optuna's samplers, and those of our own."""
