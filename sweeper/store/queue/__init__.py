"""The trial queue: leases, workers, checkpoints, and causes of failures."""
