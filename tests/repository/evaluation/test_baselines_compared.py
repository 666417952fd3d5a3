import numpy as np
import pytest

from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.baselines_compared import (
    PLAIN,
    closest,
    compared_baselines,
    recommended,
    regret,
)
from sweeper.repository.evaluation.leave_one_out import HeldOut
from sweeper.repository.surrogates.design_matrix import CENTER, UNIT

#: ArcFace (0.5, 64), then CosFace (0.35, 32), then a normalized softmax at 4.
POINTS = (
    np.array([[1, 0.5, 0, np.log(64)], [1, 0, 0.35, np.log(32)], [1, 0, 0, np.log(4)]]) - CENTER
) / UNIT


def held(mean=(0.1, 0.2, 0.3), deviation=(0.1, 0.1, 0.5), constant=(0.3, 0.1, 0.2), far=False):
    gains = np.array([0.01, -0.02, 0.03])
    return HeldOut(
        task="t",
        source="s",
        num_classes=10,
        embedding=64,
        lr=1e-3,
        weight_decay=0.0,
        points=POINTS,
        measured=gains,
        gain=gains,
        se=np.zeros(3),
        best=0.03,
        mean=np.array([mean]),
        deviation=np.array([deviation]),
        constant=np.array(constant),
        nearest=Setting("normalized-softmax", scale=4.0),
        too_far=far,
    )


def test_a_baseline_stands_at_the_nearest_measured_setting():
    positions = compared_baselines(held())
    assert positions["ArcFace (0.5, 64)"].position == 0
    assert positions["ArcFace (0.5, 64)"].measured
    assert positions["CosFace (0.35, 64)"].position == 1
    assert not positions["CosFace (0.35, 64)"].measured
    assert positions["AdaCos, fixed"].position == 2  # at a scale of 3.1
    assert positions["plain softmax"].position == PLAIN
    assert positions["best constant"].position == 0
    assert positions["nearest task"].position == 2


def test_where_nothing_gains_the_best_constant_is_plain_softmax():
    assert compared_baselines(held(constant=(-0.1, 0.0, -0.3)))["best constant"].position == PLAIN
    assert closest(POINTS, Setting("softmax")).position == PLAIN


@pytest.mark.parametrize(("kappa", "expected"), [(0.0, 2), (0.5, 1), (3.0, PLAIN)])
def test_the_largest_lower_bound_is_recommended(kappa, expected):
    assert recommended(held(), 0, kappa) == expected


def test_a_task_too_far_away_is_recommended_plain_softmax():
    assert recommended(held(far=True), 0, 0.0) == PLAIN


def test_regret_is_what_the_best_gains_more():
    assert regret(held(), 0) == pytest.approx(0.02)
    assert regret(held(), PLAIN) == pytest.approx(0.03)
    assert regret(held(), 2) == 0
