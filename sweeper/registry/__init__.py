"""What there is to choose from, one record per thing: plain data, no torch."""
