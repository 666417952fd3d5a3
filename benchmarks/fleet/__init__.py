"""What storage takes of many workers' time; `python -m benchmarks.fleet` measures it."""
