"""Training a batch of trials together: from the first epoch to the results."""
