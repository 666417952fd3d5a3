"""The web: our own pages and API, and optuna-dashboard with notes and figures of ours."""
