"""The atlas: one design of margins and scales on many small tasks, as the shipped repository.

``python -m sweeper.atlas`` measures it, writes it and checks it; see `sweeper.atlas.__main__`.
"""
