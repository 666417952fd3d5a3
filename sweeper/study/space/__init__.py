"""What is searched: its dimensions, the defaults, and what Optuna is told of them."""
