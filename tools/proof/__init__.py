"""The outside proof: what `recommend` answers, tried on data that nobody chose anything on.

``python -m tools.proof`` makes the data, asks, trains and reports; see `tools.proof.__main__`.
"""
