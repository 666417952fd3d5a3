"""What holds for every kind of surface."""

import numpy as np
import pytest

from sweeper.repository.surrogates import KINDS, SURROGATES, ExtraTrees, GaussianProcess, Ridge

each_kind = pytest.mark.parametrize(
    "surrogate", [kind() for kind in KINDS.values()], ids=list(KINDS)
)


def test_every_kind_is_tried_under_its_name():
    assert {type(surrogate) for surrogate in SURROGATES} == set(KINDS.values())
    assert all(kind.kind == name for name, kind in KINDS.items())


@each_kind
def test_a_common_surface_is_learned_by_every_kind(surrogate, make_rows):
    def law(points, context):
        return 1 - 0.5 * (points[:, 1] - 1) ** 2 - 0.3 * points[:, 3] ** 2

    rows = make_rows(law)
    new = make_rows(law, sources=3, settings=60, seed=7, noise=0.0)
    mean, deviation = surrogate.fit(rows).predict(new)
    error = np.sqrt(np.mean((mean - new.gain) ** 2))
    steps = isinstance(surrogate, ExtraTrees)  # coarse between settings that were measured
    assert error < (0.6 if steps else 0.3) * new.gain.std()
    assert (deviation > 0).all()
    assert np.isfinite(mean).all()


@each_kind
def test_the_order_of_rows_makes_no_difference(surrogate, make_rows, moving):
    rows = make_rows(moving)
    order = np.random.default_rng(3).permutation(len(rows))
    query = make_rows(moving, sources=2, seed=5)
    first, second = (surrogate.fit(r).predict(query) for r in (rows, rows.at(order)))
    np.testing.assert_allclose(first, second, rtol=1e-6, atol=1e-8)


@each_kind
def test_a_prediction_does_not_depend_on_what_else_is_asked(surrogate, make_rows, moving):
    fitted = surrogate.fit(make_rows(moving))
    query = make_rows(moving, sources=3, seed=5)
    whole, part = fitted.predict(query), fitted.predict(query.at(np.arange(40, 50)))
    np.testing.assert_allclose(np.array(whole)[:, 40:50], part, rtol=1e-9)


@each_kind
def test_tasks_that_differ_at_random_make_a_new_one_uncertain(surrogate, make_rows, moving):
    query = make_rows(moving, sources=5, seed=9)
    alike = surrogate.fit(make_rows(moving, sources=20)).predict(query)[1]
    differing = surrogate.fit(make_rows(moving, sources=20, shift=2.0)).predict(query)[1]
    assert np.median(differing) > 1.5 * np.median(alike)


@each_kind
@pytest.mark.parametrize(("sources", "settings"), [(1, 1), (1, 5), (2, 1)])
def test_very_few_rows_are_enough(surrogate, make_rows, moving, sources, settings):
    rows = make_rows(moving, sources=sources, settings=settings)
    mean, deviation = surrogate.fit(rows).predict(make_rows(moving, sources=2, seed=1))
    assert np.isfinite(mean).all()
    assert np.isfinite(deviation).all()


@each_kind
def test_gains_that_are_all_zero_are_predicted_as_zero(surrogate, make_rows):
    rows = make_rows(lambda points, context: 0 * points[:, 0], noise=0.0)
    mean, deviation = surrogate.fit(rows).predict(rows)
    np.testing.assert_allclose(mean, 0, atol=1e-9)
    assert np.isfinite(deviation).all()


@pytest.mark.parametrize(
    "surrogate", [Ridge(3), ExtraTrees(), GaussianProcess()], ids=lambda s: s.kind
)
def test_a_moving_top_is_followed(surrogate, make_rows, moving):
    """The best m2 of a new task lies nearer to the truth than the best one for all tasks."""
    rows = make_rows(moving, sources=40)
    fitted = surrogate.fit(rows)
    query = make_rows(moving, sources=20, settings=80, seed=3, noise=0.0)
    mean, _ = fitted.predict(query)
    regret, fixed = [], []
    average = np.mean([query.gain[query.task == t] for t in range(20)], axis=0).argmax()
    for task in range(20):
        own = query.task == task
        regret.append(query.gain[own].max() - query.gain[own][mean[own].argmax()])
        fixed.append(query.gain[own].max() - query.gain[own][average])
    assert np.mean(regret) < 0.6 * np.mean(fixed)
