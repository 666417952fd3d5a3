"""Meta-features: what is measured of a data set without training on it."""
