"""Draws the figures of docs/losses.md.

``python -m tools.figures.losses [FOLDER] [--format png]`` writes them into docs/figures, or into
another folder. Every curve is computed by the functions of `sweeper.losses`, so that no figure can
show what the code does not do.
"""

import argparse
from pathlib import Path

import matplotlib

from tools.figures.losses.files import FIGURES, FOLDER, write


def main() -> None:
    """Draw all figures."""
    parser = argparse.ArgumentParser(description="Draws the figures of docs/losses.md.")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--format", choices=("svg", "png"), default="svg")
    arguments = parser.parse_args()
    matplotlib.use("Agg")
    for name in FIGURES:
        print(write(name, arguments.folder, arguments.format))


if __name__ == "__main__":
    main()
