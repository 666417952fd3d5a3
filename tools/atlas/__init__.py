"""The atlas: one design of margins and scales on many small tasks, as the shipped repository.

``python -m tools.atlas`` measures it, writes it and checks it; see `tools.atlas.__main__`.
``python -m tools.atlas.sources`` makes the data that sweeper does not have.
"""
