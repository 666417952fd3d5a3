import itertools

import numpy as np
import pytest

from sweeper.registry.losses import repository_losses
from sweeper.registry.setting import Setting, paper_default
from sweeper.repository.baselines import BEST_CONSTANT, baselines
from sweeper.repository.recommendation.recommendation import Baseline, Neighbor
from sweeper.repository.recommendation.warm_start import (
    MAX_STARTS,
    MIN_DISTANCE,
    warm_starts_from_formulas,
    warm_starts_from_repository,
)

RECOMMENDED = Setting("combined", m2=0.25, scale=12.0)
CONSTANT = Setting("combined", m3=0.1, scale=16.0)
NEAR = (
    Neighbor("a", 0.1, Setting("arcface", m2=0.5, scale=20.0)),
    Neighbor("b", 0.2, Setting("softmax")),
)
NAMED = (
    Baseline("plain softmax", Setting("softmax"), 0.0),
    Baseline("never measured", Setting("combined", m1=1.4, scale=3.0), None),
    Baseline("good", Setting("normalized-softmax", scale=4.0), 0.02),
    Baseline("better", Setting("sphereface", m1=1.35, scale=30.0), 0.03),
    Baseline(BEST_CONSTANT, CONSTANT, 0.01),
)


def as_numbers(setting):
    return setting.m1, setting.m2, setting.m3, setting.scale


def distance(one, other):
    """By hand: in units of 0.25, 0.3 and 0.25 for the margins, and of e for the scale."""
    away = np.subtract(as_numbers(one)[:3], as_numbers(other)[:3]) / (0.25, 0.3, 0.25)
    return np.hypot(np.linalg.norm(away), np.log(one.scale / other.scale))


def test_what_is_recommended_comes_first_and_the_best_baseline_last():
    warm_starts = warm_starts_from_repository(RECOMMENDED, NEAR, NAMED, "combined")
    expected = [RECOMMENDED, CONSTANT, NEAR[0].best, NAMED[3].setting]
    assert list(map(as_numbers, warm_starts)) == list(map(as_numbers, expected))
    assert {start.loss for start in warm_starts} == {"combined"}


@pytest.mark.parametrize("loss", repository_losses())
def test_all_are_settings_of_the_loss_and_apart(loss):
    named = baselines(10, 64, lr=1e-3, weight_decay=0.0)
    beside = tuple(Baseline(name, setting, 0.01) for name, setting in named.items())
    for warm_starts in (
        warm_starts_from_repository(Setting("softmax"), NEAR, (*beside, *NAMED), loss),
        warm_starts_from_formulas(beside, loss),
    ):
        assert len(warm_starts) <= MAX_STARTS
        assert bool(warm_starts) == (loss != "softmax")
        assert all(start.loss == loss for start in warm_starts)
        assert all(
            distance(*pair) >= MIN_DISTANCE for pair in itertools.combinations(warm_starts, 2)
        )


def test_nearly_the_same_setting_is_tried_once():
    near = Setting("combined", m2=0.26, scale=12.5)
    twice = (Neighbor("a", 0.1, near), Neighbor("b", 0.2, RECOMMENDED))
    assert warm_starts_from_repository(RECOMMENDED, twice, (), "combined") == (RECOMMENDED,)


def test_where_plain_softmax_is_recommended_others_are_tried():
    warm_starts = warm_starts_from_repository(Setting("softmax"), NEAR, NAMED, "combined")
    assert as_numbers(warm_starts[0]) == as_numbers(CONSTANT)


def test_where_nothing_is_known_formulas_and_the_papers_default_are_tried():
    named = baselines(10, 64, lr=1e-3, weight_decay=0.0)
    beside = tuple(Baseline(name, setting, None) for name, setting in named.items())
    warm_starts = warm_starts_from_formulas(beside, "cosface")
    expected = [
        named["AdaCos, fixed"],
        named["CosFace formula (P 0.999)"],
        paper_default("cosface"),
    ]
    assert list(map(as_numbers, warm_starts)) == list(map(as_numbers, expected))
    assert warm_starts_from_formulas((), "arcface") == (paper_default("arcface"),)
