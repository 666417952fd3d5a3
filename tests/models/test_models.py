"""The nets by name: parameter counts, and what is rejected."""

import pytest
import torch

from sweeper import models
from sweeper.errors import UsageError


def count(name, shape, embedding):
    return sum(p.numel() for p in models.build(name, shape, embedding).parameters())


def test_parameter_counts_are_the_sums_of_the_layers():
    conv1, conv2 = 1 * 32 * 9 + 32, 32 * 64 * 9 + 64
    assert count("compact", (1, 28, 28), 64) == (
        conv1 + conv2 + (64 * 7 * 7 * 128 + 128) + (128 * 64 + 64)
    )
    assert count("four-layer", (1, 28, 28), 2) == (
        conv1 + conv2 + (64 * 12 * 12 * 128 + 128) + (128 * 2 + 2)
    )
    lenet = (6 * 25 + 6) + (6 * 16 * 25 + 16) + (16 * 25 * 120 + 120) + (120 * 84 + 84)
    assert count("lenet", (1, 28, 28), 2) == lenet + 4 + (84 * 2 + 2)  # four PReLU slopes
    wide = (20 * 25 + 20) + (20 * 50 * 25 + 50) + (50 * 25 * 500 + 500) + (500 * 2 + 2)
    assert count("lenet-wide", (1, 28, 28), 2) == wide
    assert count("resnet18", (3, 32, 32), 512) == 11_689_512 - (512 * 1000 + 1000)
    assert count("resnet18", (1, 28, 28), 2) == 11_176_512 + (512 * 2 + 2)
    assert count("head", (20,), 64) == 0
    assert count("linear", (20,), 64) == 20 * 64 + 64
    assert count("mlp", (20,), 64) == (20 * 128 + 128) + (128 * 64 + 64)


@pytest.mark.parametrize("name", [n for n, net in models.NETS.items() if net.takes == "images"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_smallest_image_works(name, channels):
    side = models.NETS[name].smallest
    net = models.build(name, (channels, side, side), 3)
    assert net(torch.zeros(2, channels, side, side)).shape == (2, 3)
    with pytest.raises(UsageError, match=f"at least {side}x{side}"):
        models.build(name, (channels, side, side - 1), 3)


def test_an_unknown_net_suggests_the_nearest():
    with pytest.raises(UsageError, match="did you mean compact"):
        models.build("compct", (1, 8, 8), 2)


def test_a_net_for_other_inputs_suggests_suitable_ones():
    with pytest.raises(UsageError, match="use compact, four-layer, lenet"):
        models.build("mlp", (1, 8, 8), 2)
    with pytest.raises(UsageError, match="use head, linear, mlp"):
        models.build("lenet", (16,), 2)


def test_the_embedding_size_is_checked():
    assert models.embedding_size(models.build("compact", (1, 8, 8), 5), (1, 8, 8)) == 5
    assert models.embedding_size(models.build("head", (9,), 5), (9,)) == 9


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def net(shape, embedding): return 3", "returned int, not a torch module"),
        ("def other(): ...", "has no function 'net'"),
        ("import nothing_of_this_name", "cannot import"),
    ],
)
def test_an_invalid_user_net_gives_one_line(tmp_path, monkeypatch, source, message):
    name = f"users_{abs(hash(source))}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        models.build(f"{name}:net", (1, 8, 8), 2)


def test_a_users_net_is_found_in_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "my_own_net.py").write_text(
        "from torch import nn\n"
        "def net(shape, embedding):\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(shape[1] * shape[2], embedding))\n"
    )
    monkeypatch.chdir(tmp_path)
    net = models.build("my_own_net:net", (1, 4, 5), 6)
    assert models.embedding_size(net, (1, 4, 5)) == 6


def test_a_users_net_of_the_wrong_shape_is_rejected():
    with pytest.raises(UsageError, match=r"must map inputs \[B, ...\] to features"):
        models.embedding_size(torch.nn.Conv2d(1, 1, 1), (1, 4, 4))
    with pytest.raises(UsageError, match="the net fails on inputs of"):
        models.embedding_size(torch.nn.Linear(3, 1), (1, 4, 4))
