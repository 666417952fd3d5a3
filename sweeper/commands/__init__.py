"""The commands, one per module: `add_parser` describes it, `execute` runs it.

Shared by several: `options`, and `known_database` (the database to learn from).

`sweeper --help` must stay instant, so each command imports what it needs inside `execute`.
"""
