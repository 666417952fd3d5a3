"""Weights of the known tasks, against plain loops and direct solutions."""

from dataclasses import replace

import numpy as np
import pytest

from sweeper.repository.surrogates.members import (
    MEMBERS,
    RHO,
    TUNED_DISTANCE,
    Constant,
    Kriging,
    Nearest,
    Places,
    votes,
)


@pytest.fixture
def known():
    rng = np.random.default_rng(0)
    source = np.array([0, 0, 1, 2, 2, 2, 3, 4])
    tuned = np.array([True, False, False, True, False, False, True, False])
    return Places(rng.normal(size=(8, 2)), rng.normal(size=(8, 3)), source, tuned)


@pytest.fixture
def asked():
    rng = np.random.default_rng(1)
    return Places(
        rng.normal(size=(2, 2)), rng.normal(size=(2, 3)), np.array([-1, -1]), np.ones(2, bool)
    )


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_weights_sum_to_one_and_leave_the_own_source_out(member, known, asked):
    np.testing.assert_allclose(member.weights(known, asked).sum(1), 1)
    left_out = member.left_out(known)
    np.testing.assert_allclose(left_out.sum(1), 1)
    assert (left_out[known.source[:, None] == known.source[None]] == 0).all()


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_leaving_a_source_out_is_to_be_asked_without_it(member, known):
    left_out = member.left_out(known)
    for number, source in enumerate(known.source):
        rest = known.source != source
        asked = known.at(np.arange(8) == number)
        expected = member.weights(known.at(rest), asked)[0]
        np.testing.assert_allclose(left_out[number, rest], expected, atol=1e-10)


def test_each_source_has_a_vote(known):
    weights = Constant().weights(known, known)[0]
    np.testing.assert_allclose(weights, votes(known.source))
    for source in range(5):
        assert weights[known.source == source].sum() == pytest.approx(1 / 5)


def test_nearest_tasks_are_weighted_as_in_a_plain_loop(known, asked):
    found = Nearest(width=0.7, pictures=2.0).weights(known, asked)
    for row in range(2):
        expected = []
        for task in range(8):
            square = ((asked.regime[row] - known.regime[task]) ** 2).sum()
            square += 2 * ((asked.pictures[row] - known.pictures[task]) ** 2).sum()
            square += 0.0 if known.tuned[task] else TUNED_DISTANCE**2
            siblings = (known.source == known.source[task]).sum()
            expected.append(np.exp(-0.5 * square / 0.7**2) / siblings)
        np.testing.assert_allclose(found[row], np.array(expected) / np.sum(expected))


def test_however_far_all_are_the_nearest_counts(known):
    far = Places(np.full((1, 2), 1e3), np.zeros((1, 3)), np.array([-1]), np.array([True]))
    weights = Nearest(width=1.0, pictures=0.0).weights(known, far)[0]
    assert weights.argmax() == known.regime.sum(1).argmax()


def test_kriging_is_generalized_least_squares_and_a_gaussian_process(known, asked):
    """The mean by generalized least squares, then the process around it, as a textbook has it."""
    member = Kriging(width=1.5, pictures=1.0, noise=0.4)
    gain = np.random.default_rng(2).normal(size=8)

    def kernel(a, b):
        square = ((a.regime[:, None] - b.regime[None]) ** 2).sum(2)
        square += ((a.pictures[:, None] - b.pictures[None]) ** 2).sum(2)
        square += TUNED_DISTANCE**2 * (a.tuned[:, None] != b.tuned[None])
        return np.exp(-0.5 * square / 1.5**2)

    same = known.source[:, None] == known.source[None]
    covariance = kernel(known, known) + 0.4 * ((1 - RHO) * np.eye(8) + RHO * same)
    inverse = np.linalg.inv(covariance)
    mean = inverse.sum(0) @ gain / inverse.sum()
    expected = mean + kernel(asked, known) @ inverse @ (gain - mean)
    np.testing.assert_allclose(member.weights(known, asked) @ gain, expected)


def test_far_from_all_kriging_returns_to_the_mean(known):
    far = Places(np.full((1, 2), 1e3), np.zeros((1, 3)), np.array([-1]), np.array([True]))
    farther = Places(np.full((1, 2), -1e3), np.zeros((1, 3)), np.array([-1]), np.array([True]))
    member = Kriging(width=1.0, pictures=0.0, noise=1.0)
    np.testing.assert_allclose(member.weights(known, far), member.weights(known, farther))


def test_a_source_alone_has_no_other(known):
    alone = known.at(known.source == 2)
    for member in MEMBERS:
        assert (member.left_out(alone) == 0).all()


def test_what_is_fully_trusted_counts_as_without_a_word_on_trust(known, asked):
    trusted = replace(known, trust=np.ones(8))
    for member in MEMBERS:
        expected = member.weights(known, asked)
        np.testing.assert_allclose(member.weights(trusted, asked), expected, atol=1e-12)


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_what_is_hardly_trusted_hardly_counts_and_the_rest_is_as_without_it(member, known, asked):
    trust = np.ones(8)
    trust[known.source == known.source[0]] = 1e-9
    weights = member.weights(replace(known, trust=trust), asked)
    np.testing.assert_allclose(weights.sum(1), 1)
    rest = trust == 1
    np.testing.assert_allclose(weights[:, ~rest], 0, atol=1e-4)
    np.testing.assert_allclose(weights[:, rest], member.weights(known.at(rest), asked), atol=1e-3)
