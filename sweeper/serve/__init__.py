"""The browser's view: optuna-dashboard over the studies, with notes and figures of ours."""
