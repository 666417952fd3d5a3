import random
from pathlib import Path

import pytest

from sweeper.data.found import data_root, encode, natural


def test_natural_order() -> None:
    ordered = ["1", "2", "10", "a", "a1", "a2", "a2b", "a10", "b", "m²", "²"]
    shuffled = random.Random(0).sample(ordered, len(ordered))
    assert sorted(shuffled, key=natural) == ordered


def test_encode_tells_equal_numbers_apart() -> None:
    numbers, names = encode(["07", "10", "7", "07"])
    assert names == ("07", "7", "10")
    assert numbers.tolist() == [0, 2, 1, 0]


def test_data_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path))
    assert data_root() == tmp_path
    monkeypatch.delenv("SWEEPER_DATA")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_root() == tmp_path / ".cache" / "sweeper"
