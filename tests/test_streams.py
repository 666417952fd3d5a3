"""Standard output that is full, closed or of few letters ends a command in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sweeper.store import open_database

LIST = [sys.executable, "-m", "sweeper", "data", "list"]


def run(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    words = " ".join(LIST)
    return subprocess.run(
        ["bash", "-c", command.format(words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk():
    done = run("{} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "sweeper: standard output cannot be written to: No space left on device"
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_output_is_not_a_full_disk_of_the_database(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/s.db"
    open_database(url, create=True).close()
    done = run("{} > /dev/full".format(f"{sys.executable} -m sweeper studies --storage {url}"))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "sweeper: standard output cannot be written to: No space left on device"
    ]


def test_a_closed_output():
    done = run("{} >&-")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "sweeper: standard output cannot be written to: Bad file descriptor"
    ]


def test_both_closed():
    assert run("{} >&- 2>&-").returncode == 1


def test_a_reader_that_has_enough():
    done = run("{} | head -1; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_letters_that_the_encoding_lacks_are_escaped(encoding: str):
    done = run("{}", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "8\\xd78" in done.stdout or "8\ufffd8" in done.stdout  # 8×8
