"""Lines to copy: they run, and make the loss that was recommended."""

import shlex

import pytest
import torch

from sweeper.cli import make_parser
from sweeper.losses import make_loss
from sweeper.registry.setting import Setting
from sweeper.repository import sources
from sweeper.repository.given_plan import Given
from sweeper.repository.recommendation.by_numbers import Numbers, recommend_by_numbers
from sweeper.serve.pages.lines import lines, metric_learning, python

losses = pytest.importorskip("pytorch_metric_learning.losses")


def answer(loss="combined", **given):
    choice = sources.stored_choice("accuracy", None)
    numbers = Numbers(12, 30, Given(**given))
    return recommend_by_numbers(sources.shipped(), numbers, "accuracy", loss, choice=choice)


@pytest.mark.parametrize(
    "setting",
    [
        Setting("arcface", m2=0.3, scale=16.0),
        Setting("arcface", m2=-0.1, scale=8.0),
        Setting("cosface", m3=0.25, scale=30.0),
        Setting("combined", m2=0.2, scale=10.0),
        Setting("combined", m3=-0.1, scale=5.0),
        Setting("normalized-softmax", scale=7.0),
    ],
)
def test_the_other_library_computes_the_same(setting):
    theirs = eval(metric_learning(setting, 5, 8), {"losses": losses})
    ours = make_loss(setting, 5, 8)
    torch.manual_seed(0)
    features, labels = torch.randn(40, 8), torch.arange(40) % 5
    # Near π the library has a line in place of the cosine; there are no such angles here.
    features += 2 * ours.weight.detach()[labels] if hasattr(ours, "weight") else 0
    with torch.no_grad():
        (own,) = (each for each in ours.parameters() if each.ndim == 2)
        theirs.W.copy_(own.T if own.shape == (5, 8) else own)
    assert theirs(features, labels).item() == pytest.approx(ours(features, labels).item(), rel=1e-4)


@pytest.mark.parametrize(
    "setting",
    [
        Setting("softmax"),
        Setting("sphereface", m1=1.35, scale=16.0),
        Setting("combined", m2=0.2, m3=0.1, scale=16.0),
        Setting.of("arcface", {"m2": 0.2}, ["center"]),
    ],
)
def test_what_the_other_library_lacks_has_no_line(setting):
    assert metric_learning(setting, 5, 8) is None


@pytest.mark.parametrize("loss", ["combined", "arcface", "cosface", "sphereface"])
def test_the_python_makes_the_recommended_loss(loss):
    found = answer(loss)
    namespace = {}
    exec(python(found), namespace)
    expected = found.loss(12, 64)
    assert repr(namespace["loss"]) == repr(expected)


def test_the_commands_are_understood():
    found = answer("arcface", net="lenet", epochs=20, batch_size=64, lr=0.002)
    measure, search, *_ = lines(found, "arcface")
    for line in (measure, search):
        program, *words = shlex.split(line.text)
        assert program == "sweeper"
        parsed = make_parser().parse_args(words)
        assert (parsed.loss, parsed.net, parsed.epochs) == ("arcface", "lenet", 20)
    assert make_parser().parse_args(shlex.split(measure.text)[1:]).lr == 0.002


def test_the_first_setting_that_the_library_has_is_named():
    line = lines(answer("sphereface"), "sphereface")[-1]
    assert "no loss with" in line.remark
