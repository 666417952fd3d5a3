"""From what is known to a recommendation for a data set that was never swept."""
