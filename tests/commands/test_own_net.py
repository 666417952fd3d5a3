"""`sweeper run --net`: nets of a user's own, in the processes that train them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support import own_nets


def test_a_worker_imports_no_module_that_it_was_not_told_of(sweeper, folder, clouds, monkeypatch):
    """What the database names could be anybody's."""
    shutil.copy(Path(own_nets.__file__), folder / "my_nets.py")
    monkeypatch.syspath_prepend(folder)
    sizes = ("--n-trials", 1, "--epochs", 1, "--seeds", 1, "--cold", "--workers", 0)
    assert sweeper("run", clouds, "--net", "my_nets:local", *sizes).status == 0
    name = "clouds.npz-combined-accuracy"
    for command in ("worker", "launch"):
        refused = sweeper(command, name)
        assert refused.status == 2, refused.err
        assert "--allow-net my_nets" in refused.err.splitlines()[-1]
    done = sweeper("worker", name, "--allow-net", "my_nets")
    assert done.status == 0, done.err
    assert sweeper("confirm", name, "--seeds", 2).status == 2
    assert sweeper("confirm", name, "--seeds", 2, "--allow-net", "my_nets").status == 0


@pytest.mark.long
@pytest.mark.parametrize("function", ["local", "aliased"])
def test_unusual_nets_are_trained_to_the_end(function, sweeper, folder, clouds, monkeypatch):
    shutil.copy(Path(own_nets.__file__), folder / "my_nets.py")
    monkeypatch.syspath_prepend(folder)  # as `python -m sweeper` does
    sizes = (
        "--n-trials",
        2,
        "--epochs",
        20,
        "--seeds",
        2,
        "--workers",
        1,
        "--cold",
        "--pruner",
        "none",
    )
    done = sweeper("run", clouds, "--net", f"my_nets:{function}", *sizes)
    assert done.status == 0, done.err
    results = json.loads(sweeper("results", "clouds.npz-combined-accuracy", "--format", "json").out)
    assert results["states"]["complete"] == 2
    softmax = next(row for row in results["controls"] if row["control"] == "softmax")
    assert softmax["values"]["accuracy"] > 2 / 7
