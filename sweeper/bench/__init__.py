"""How fast a sweep is beside what people run today; ``sweeper bench`` prints it."""
