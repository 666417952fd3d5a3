"""Who works on what: leases, workers, checkpoints, and the causes of failures."""
