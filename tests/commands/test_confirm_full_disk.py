"""`sweeper confirm` on a disk that is really full: the result is kept, weights are made again."""

import shutil
from pathlib import Path

import pytest
import torch

from tests.support.disk import Disk

NAME = "clouds.npz-arcface-accuracy"
SIZES = ("--n-trials", 2, "--epochs", 2, "--seeds", 1, "--workers", 1, "--cold", "--embedding", 6)


@pytest.fixture
def disk(tmp_path):
    """A disk with room for a result, and none for two megabytes of weights."""
    with Disk(tmp_path / "small", kilobytes=2048) as disk:
        if disk.why_not:
            pytest.skip(f"no disk can be mounted here: {disk.why_not}")
        yield disk


def weights(folder: str) -> dict[str, torch.Tensor]:
    saved = torch.load(Path(folder, "weights.pt"), weights_only=True)
    return {**saved["net"], **{f"loss.{name}": value for name, value in saved["loss"].items()}}


def test_the_result_is_kept_and_the_winner_trained_again(sweeper, clouds, disk):
    net = ("--net", "tests.support.own_nets:wide")
    assert sweeper("run", clouds, "--loss", "arcface", *net, *SIZES).status == 0
    shutil.copy("sweeper.db", disk.folder)
    storage = ("--storage", f"sqlite:///{disk.folder}/sweeper.db")

    trusted = ("--allow-net", "tests")
    storage += trusted
    both = sweeper("confirm", NAME, "--seeds", 2, "-o", disk.folder / "new" / "winner", *storage)
    assert both.status == 1
    assert "winner minus softmax" in both.out
    said = both.err.splitlines()[-1]
    assert "No space left on device" in said
    assert said.endswith(
        f"; the result is stored, and `sweeper confirm {NAME} -o FOLDER --storage {storage[1]}` "
        "trains the winner again without reading the test split"
    )
    assert not (disk.folder / "new").exists()
    shown = sweeper("confirm", NAME, *storage)
    assert (shown.status, shown.out) == (0, both.out)
    assert "nothing was trained now" in shown.err
    assert f"`sweeper confirm {NAME} -o FOLDER --storage {storage[1]}`" in shown.err

    alone = sweeper("confirm", NAME, "-o", "alone", *storage)
    assert (alone.status, alone.out) == (1, both.out)
    assert "the winner is trained now, and the test split was not read" in alone.err
    said = alone.err.splitlines()[-1]
    assert "full" in said
    assert said.endswith("the result is stored, and the weights are in alone alone: keep it")
    assert "alone may have them" in sweeper("confirm", NAME, "-o", "alone", *storage).err

    disk.grow(kilobytes=65536)
    roomy = sweeper("confirm", NAME, "-o", "roomy", *storage)
    assert (roomy.status, roomy.out) == (0, both.out)
    stored = sweeper("confirm", NAME, "-o", "stored", *storage)
    assert "nothing was trained now" in stored.err
    for name, value in weights("alone").items():
        assert torch.equal(value, weights("roomy")[name])
        assert torch.equal(value, weights("stored")[name])
