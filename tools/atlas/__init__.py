"""The atlas: one design of margins and scales on many small tasks, as the shipped repository.

``python -m tools.atlas`` measures it, writes it and checks it; see `tools.atlas.__main__`.
"""
