from pathlib import Path

import pytest

from sweeper.data.paths import data_root
from sweeper.errors import SweeperError


def test_data_root_of_an_unknown_user(monkeypatch: pytest.MonkeyPatch) -> None:
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
