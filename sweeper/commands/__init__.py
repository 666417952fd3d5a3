"""The commands, one a file: `add_parser` describes it, `execute` runs it.

What several share stands in `options`, `known` (the database to learn from) and `working`.

The descriptions must stay instant, so a command imports what it needs inside `execute`.
"""
