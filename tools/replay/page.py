"""The page that replays fill."""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "results" / "search.md"
