"""The worker: takes trials from the queue, trains them as one array, and hands in what came out."""
