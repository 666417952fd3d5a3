import random
from pathlib import Path

import pytest

from sweeper.data.raw_dataset import data_root, encode, natural
from sweeper.errors import SweeperError


def test_natural_order() -> None:
    ordered = ["1", "2", "10", "a", "a1", "a2", "a2b", "a10", "b", "m²", "²"]
    shuffled = random.Random(0).sample(ordered, len(ordered))
    assert sorted(shuffled, key=natural) == ordered
    assert sorted(["010", "10", "9", "09", "0"], key=natural) == ["0", "09", "9", "010", "10"]


def test_encode_tells_equal_numbers_apart() -> None:
    numbers, names = encode(["07", "10", "7", "07"])
    assert names == ("07", "7", "10")
    assert numbers.tolist() == [0, 2, 1, 0]


def test_data_root_of_a_user_who_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEPER_DATA", "~nosuchuser/data")
    with pytest.raises(SweeperError, match="there is no home folder for '~nosuchuser/data'"):
        data_root()


def test_data_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path))
    assert data_root() == tmp_path
    monkeypatch.delenv("SWEEPER_DATA")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_root() == tmp_path / ".cache" / "sweeper"
