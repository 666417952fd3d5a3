"""The commands, one a file: `add_parser` describes it, `execute` runs it.

The descriptions must stay instant, so a command imports what it needs inside `execute`.
"""
