"""The hyperparameter repository: results on known data sets, and recommendations for new ones."""
