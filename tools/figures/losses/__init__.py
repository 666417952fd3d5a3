"""The figures of docs/losses.md, drawn by the functions of `sweeper.losses` themselves."""
