"""The hyperparameter repository: what is known of all data sets, and what follows for a new one."""
