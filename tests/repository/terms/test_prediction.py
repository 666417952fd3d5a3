import numpy as np
import pytest

from sweeper.repository.terms.prediction import predict, to_try


def test_equal_weights_are_the_mean_and_its_error():
    gain = np.random.default_rng(0).normal(size=(6, 3))
    found = predict(gain, np.full(6, 1 / 6), np.arange(6))
    assert found.mean == pytest.approx(gain.mean(0))
    assert found.error == pytest.approx(gain.std(0, ddof=1) / np.sqrt(6))
    assert found.deviation == pytest.approx(gain.std(0))


def test_tasks_of_one_source_are_one_observation():
    gain = np.array([[1.0], [3.0], [4.0], [6.0]])
    found = predict(gain, np.array([0.25, 0.25, 0.25, 0.25]), np.array([0, 0, 1, 1]))
    of_source = np.array([2.0, 5.0])
    assert found.mean[0] == pytest.approx(3.5)
    assert found.error[0] == pytest.approx(of_source.std(ddof=1) / np.sqrt(2))


def test_one_source_says_nothing():
    found = predict(np.array([[0.1], [0.1]]), np.array([0.5, 0.5]), np.array([0, 0]))
    assert found.chosen is None
    assert found.best == 0


@pytest.mark.parametrize(
    ("gains", "best", "chosen"),
    [
        ([[0.01, 0.03], [0.01, 0.03], [0.01, 0.03]], 1, 1),
        ([[0.01, 0.05], [0.01, -0.05], [0.01, 0.04]], 1, 0),  # the better one is noise
        ([[0.01, 0.05], [-0.02, -0.05], [0.015, 0.04]], 1, None),
        ([[-0.01, -0.05], [-0.01, -0.05], [-0.01, -0.05]], 0, None),
        ([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], 0, None),
    ],
)
def test_a_lambda_is_taken_where_more_than_its_error_is_expected(gains, best, chosen):
    found = predict(np.array(gains), np.full(3, 1 / 3), np.arange(3))
    assert (found.best, found.chosen) == (best, chosen)


def test_the_list_begins_with_what_is_recommended():
    """By hand: λ1 is best on two tasks, λ2 on the third; none is best nowhere."""
    gain, none = np.array([[0.03, 0.01], [0.03, 0.01], [0.02, 0.04]]), np.zeros((3, 2))
    thirds = np.full(3, 1 / 3)
    found = to_try(gain, none, thirds, predict(gain, thirds, np.arange(3)))
    assert found.positions[:2] == (1, 2)
    assert found.regrets == pytest.approx((0.02 / 3, 0, 0))
    useless = gain - 0.025
    found = to_try(useless, none, thirds, predict(useless, thirds, np.arange(3)))
    assert found.positions[0] == 0
    assert found.regrets[0] == pytest.approx((0.005 + 0.005 + 0.015) / 3)


def test_noise_promises_no_gain_from_trying():
    rng = np.random.default_rng(0)
    gain, sixth = 0.02 * rng.normal(size=(6, 3)), np.full(6, 1 / 6)
    predicted = predict(gain, sixth, np.arange(6))
    quiet, loud = (
        to_try(gain, np.full((6, 3), se), sixth, predicted).regrets[0] for se in (0.0, 0.1)
    )
    assert loud < quiet
    # All differences are noise: what is left is how the λ differ over all tasks.
    assert loud == pytest.approx(max(0.0, predicted.mean.max()), abs=1e-12)
