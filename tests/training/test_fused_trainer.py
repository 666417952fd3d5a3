"""An array against separate runs: plain PyTorch loops, one setting and one seed at a time."""

from dataclasses import replace

import pytest
import torch

from sweeper.registry.setting import Setting
from sweeper.training import FusedTrainer, Interrupted, TrainingRecipe

SETTINGS = [
    Setting("softmax", lr=3e-3),
    Setting("arcface", m2=0.5, scale=30, lr=2e-3),
    Setting("cosface", m3=0.3, scale=16, weight_decay=0.1),
    Setting("combined", m1=1.2, m2=-0.1, m3=0.1, scale=8, lr=5e-3, weight_decay=0.01),
]


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        ("compact", (1, 8, 8)),
        ("four-layer", (3, 6, 6)),
        ("lenet", (1, 12, 12)),
        ("lenet-wide", (3, 12, 12)),
        ("mlp", (6,)),
        ("head", (6,)),
    ],
)
def test_an_array_gives_what_separate_runs_give(make_data, compare, net, shape):
    compare(make_data(shape), SETTINGS, [0, 5], net, epochs=3)


def test_so_does_an_array_of_resnet18_whose_members_have_their_own_batch_statistics(
    make_data, compare
):
    data = make_data((3, 32, 32), n=8)
    # Statistics of four samples magnify rounding: features agree to 2e-10, logits, which are
    # s / ‖x‖ = 50 times as large, to fewer digits.
    tolerances = {"features_atol": 1e-9, "logits_atol": 1e-8}
    compare(data, SETTINGS[1:3], [0, 5], "resnet18", 1, batch_size=4, **tolerances)


USERS_NETS = """
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, shape, embedding):
        super().__init__()
        self.conv = nn.Conv2d(shape[0], 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.out = nn.Linear(4, embedding)

    def forward(self, x):
        return self.out(torch.relu(self.norm(self.conv(x))).mean(dim=(2, 3)))


class Frozen(Residual):
    def __init__(self, shape, embedding):
        super().__init__(shape, embedding)
        self.conv.requires_grad_(False)
        self.unused = nn.Linear(3, 3)


class Dropping(nn.Module):
    def __init__(self, shape, embedding):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.Dropout(0.5), nn.ReLU())
        self.out = nn.Linear(16, embedding)

    def forward(self, x):
        return self.out(self.body(x))


def tied(shape, embedding):
    layer = nn.Linear(16, 16)
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, 16), layer, nn.ReLU(), layer, nn.Linear(16, embedding)
    )


def half_frozen(shape, embedding):
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, embedding))
    net[0].requires_grad_(False)
    return net
"""


@pytest.mark.parametrize("net", ["Residual", "Frozen", "Dropping", "tied", "half_frozen"])
def test_a_users_net_gives_what_separate_runs_give(make_data, compare, tmp_path, monkeypatch, net):
    (tmp_path / "users_nets.py").write_text(USERS_NETS)
    monkeypatch.chdir(tmp_path)
    compare(make_data(), SETTINGS[:3], [0, 1], f"users_nets:{net}", epochs=2, leave=[[0, 2]])


def test_those_that_stay_do_not_notice_who_leaves(make_data):
    data = make_data()
    whole = FusedTrainer(
        data, SETTINGS, [0, 1], TrainingRecipe("compact", 4, epochs=3, batch_size=16)
    )
    part = FusedTrainer(
        data, SETTINGS, [0, 1], TrainingRecipe("compact", 4, epochs=3, batch_size=16)
    )
    whole.train_epoch()
    part.train_epoch()
    part.keep([1, 3])
    assert part.shape == (2, 2)
    whole.train_epoch()
    part.train_epoch()
    part.keep([1])
    torch.testing.assert_close(
        part.train_epoch()[:, 0], whole.train_epoch()[:, 3], rtol=0, atol=1e-12
    )
    torch.testing.assert_close(
        part.embed(data.measured.inputs),
        whole.embed(data.measured.inputs)[[3, 7]],
        rtol=0,
        atol=1e-12,
    )


def test_a_family_may_leave_as_a_whole(make_data):
    array = FusedTrainer(
        make_data(), SETTINGS, [0], TrainingRecipe("compact", 4, epochs=2, batch_size=16)
    )
    alone = FusedTrainer(
        make_data(), SETTINGS[:1], [0], TrainingRecipe("compact", 4, epochs=2, batch_size=16)
    )
    array.train_epoch()
    alone.train_epoch()
    array.keep([0])  # plain softmax: no margin loss is left
    torch.testing.assert_close(array.train_epoch(), alone.train_epoch(), rtol=0, atol=1e-12)


def test_a_member_that_diverges_leaves_the_others_alone(make_data):
    data = make_data()
    wild = replace(SETTINGS[1], lr=1e300)
    array = FusedTrainer(
        data, [SETTINGS[0], wild, SETTINGS[2]], [0], TrainingRecipe("compact", 4, 3, 16)
    )
    calm = FusedTrainer(data, [SETTINGS[0], SETTINGS[2]], [0], TrainingRecipe("compact", 4, 3, 16))
    for _ in range(3):
        losses, expected = array.train_epoch(), calm.train_epoch()
    assert not losses[0, 1].isfinite()
    torch.testing.assert_close(losses[:, [0, 2]], expected, rtol=0, atol=1e-12)


def test_the_global_generator_is_left_alone(make_data):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    FusedTrainer(make_data(), SETTINGS[:1], [0], TrainingRecipe("compact", 4, 1, 16)).train_epoch()
    torch.testing.assert_close(torch.rand(2), expected)


def test_training_stops_when_told(make_data):
    array = FusedTrainer(make_data(), SETTINGS[:1], [0], TrainingRecipe("compact", 4, 1, 16))
    asked = iter([False, False, True])
    with pytest.raises(Interrupted):
        array.train_epoch(lambda: next(asked))
    assert array.epoch == 0


def test_a_data_set_smaller_than_a_batch_is_one_batch(make_data, plain_run):
    data = make_data(n=12)
    array = FusedTrainer(
        data, SETTINGS[:2], [0], TrainingRecipe("compact", 4, epochs=1, batch_size=500)
    )
    expected, *_ = next(plain_run(data, SETTINGS[1], 0, "compact", 4, 1, 500))
    assert array.train_epoch()[0, 1].item() == pytest.approx(expected, abs=1e-10)
