"""How long it takes until margin and scale are chosen and confirmed, by several ways to search.

``sweeper bench --to-answer`` prints it; what is compared, and by which rules, is in `clock`.
"""
