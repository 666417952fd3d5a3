"""Every loss and every term in one array, against separate plain runs of the formulas."""

import pytest
import torch

from sweeper.setting import LOSSES, Setting
from sweeper.hyperparameters import TERMS
from sweeper.training import Array


def of(loss, beside=(), **values):
    return Setting.of(loss, {name.replace("__", "."): v for name, v in values.items()}, beside)


def with_term(loss, term, lr=3e-3, term_lr=0.05, **values):
    """A setting with a term that has these hyperparameters; λ stands for lambda."""
    named = {f"{term}.{name.replace('λ', 'lambda')}": value for name, value in values.items()}
    own = {"softmax": {}, "arcface": {"m2": 0.3, "scale": 8}}[loss]
    return Setting.of(loss, {**own, **named, "lr": lr, "term_lr": term_lr})


LOSSES_ALONE = [
    of("softmax", lr=3e-3),
    of("softmax", lr=1e-3, weight_decay=0.1),
    of("normalised-softmax", scale=9.0, lr=2e-3),
    of("sphereface", m1=1.2, scale=11.0, lr=2e-3),
    of("cosface", m3=-0.1, scale=9.0, weight_decay=0.3),
    of("arcface", m2=0.45, scale=20.0, lr=4e-3),
    of("combined", m1=0.95, m2=0.2, m3=0.15, scale=5.0, lr=5e-3, weight_decay=0.01),
    of("a-softmax", m1=4.0, anneal_from=3.0, anneal_rate=0.5, anneal_to=0.2, lr=2e-3),
    of("a-softmax", m1=1.5),
    of("adacos", lr=3e-3),
    of("adacos", lr=1e-3, weight_decay=0.1),
    of("adacos-fixed", lr=2e-3),
    of("triplet", margin=0.3, lr=2e-3),
    of("triplet", margin=0.1, lr=1e-3),
    of("hard-triplet", margin=0.5, lr=2e-3),
    of("contrastive", margin=0.7, lr=1e-3, weight_decay=0.1),
]
OPTIONS = [
    of("arcface", m2=0.3, scale=8.0, subcentres=3, lr=2e-3),
    of("cosface", m3=0.2, scale=6.0, subcentres=3, lr=3e-3),
    of("arcface", m2=0.3, scale=8.0, learn_scale=1, lr=0.02, weight_decay=0.5),
    of("normalised-softmax", scale=4.0, learn_scale=1, lr=0.01),
    of("combined", m1=1.3, m2=0.2, m3=0.1, scale=8.0, warmup=0.5, lr=2e-3),
    of("sphereface", m1=1.3, scale=8.0, warmup=0.3, lr=2e-3),
    of("arcface", m2=0.4, scale=8.0, subcentres=3, learn_scale=1, warmup=0.5, lr=3e-3),
]
WITH_TERMS = [
    with_term("softmax", "center", λ=0.3),
    with_term("softmax", "center", λ=0.05, term_lr=0.5, lr=1e-3),
    with_term("softmax", "sigma2r", λ=0.02, n_neighbours=2, z=10.0),
    with_term("softmax", "sigma2r", λ=0.01, n_neighbours=7, z=40.0, term_lr=0.1),
    with_term("softmax", "sigma2r", λ=0.03, n_neighbours=2, z=3.0),
    with_term("softmax", "soft-nearest-neighbour", λ=0.5, temperature=3.0),
    with_term("softmax", "git", λ_c=0.2, λ_g=0.7),
    with_term("softmax", "contrastive-center", λ=0.4, delta=0.5),
    with_term("softmax", "triplet-center", λ=0.3, margin=2.0),
    with_term("softmax", "triplet", λ=0.7, margin=0.3),
    with_term("softmax", "hard-triplet", λ=0.7, margin=0.3),
    with_term("softmax", "contrastive", λ=0.7, margin=0.9),
    with_term("arcface", "center", λ=0.2),
    with_term("arcface", "sigma2r", λ=0.02, n_neighbours=2, z=20.0),
    with_term("arcface", "git", λ_c=0.1, λ_g=0.3),
    with_term("arcface", "triplet", λ=0.4, margin=0.1),
    of("arcface", ("center", "contrastive"), m2=0.2, scale=8.0, subcentres=3, learn_scale=1),
    of("triplet", ("center",), margin=0.2, center__lambda=0.3, term_lr=0.1, weight_decay=0.2),
    of("adacos", ("triplet-center", "soft-nearest-neighbour"), lr=2e-3),
]
EVERYTHING = LOSSES_ALONE + OPTIONS + WITH_TERMS


def test_everything_is_here():
    assert {setting.loss for setting in LOSSES_ALONE} == set(LOSSES)
    for loss in ("softmax", "arcface"):
        beside = {t for setting in WITH_TERMS if setting.loss == loss for t in setting.beside}
        assert beside == set(TERMS) if loss == "softmax" else beside


def test_a_mixed_array_gives_what_separate_runs_give(make_data, compare):
    """Every other setting leaves after an epoch, and then many parts as a whole."""
    data = make_data(classes=4)
    first = range(0, len(EVERYTHING), 2)
    stay = {"contrastive", "adacos", "softmax"}
    then = [k for k, e in enumerate(first) if EVERYTHING[e].loss in stay]
    array = compare(data, EVERYTHING, [0, 3], "compact", 4, leave=[list(first), then, [0, 1]])
    assert array.shape == (2, 2)


def test_those_that_leave_first_do_not_matter(make_data, compare):
    data = make_data((6,), classes=4)
    odd = list(range(1, len(EVERYTHING), 2))
    compare(data, EVERYTHING, [1], "mlp", 3, leave=[odd, odd[::-1][:0] or [0, 3, 7, 12]])
