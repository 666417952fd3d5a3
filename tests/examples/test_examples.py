"""The programs of examples/ run, each in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*arguments: str, place: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("own_training_loop", "accuracy 0.9"),
        ("own_optuna_objective", "accuracy 0."),
        ("recommend_from_arrays", "CombinedMarginLoss"),
    ],
)
def test_a_program(name: str, says: str, tmp_path: Path) -> None:
    assert says in run(str(EXAMPLES / f"{name}.py"), place=tmp_path)


@pytest.mark.long
def test_a_study_file_with_a_net_of_ones_own(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'own.db'}"
    run("-m", "sweeper", "run", "own_net.toml", "--storage", storage, place=EXAMPLES)
    said = run(
        *("-m", "sweeper", "results", "own-net", "--storage", storage, "--format", "json"),
        place=tmp_path,
    )
    assert len(json.loads(said)["trials"]) == 6


def test_every_example_is_listed_and_short() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES.iterdir():
        if path.suffix in (".py", ".toml"):
            assert f"({path.name})" in readme
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
