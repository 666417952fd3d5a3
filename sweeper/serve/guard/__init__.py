"""Who and what gets in: host names, tokens, foreign pages, sizes and times of requests."""
