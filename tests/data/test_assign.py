import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sweeper.data.assign import assign_groups, assign_images


@pytest.mark.parametrize("shares", [(0.6, 0.2, 0.2), (0.8, 0.2)])
def test_images_are_divided_by_the_shares_in_each_class(shares: tuple[float, ...]) -> None:
    labels = np.repeat(np.arange(4), [3, 10, 57, 200])
    side = assign_images(labels, shares, seed=1)
    for c, size in enumerate([3, 10, 57, 200]):
        counts = np.bincount(side[labels == c], minlength=len(shares))
        assert (counts >= 1).all()
        for count, share in zip(counts[1:], shares[1:], strict=True):
            assert abs(count - share * size) <= 0.5


def test_a_class_is_divided_independently() -> None:
    alone = assign_images(np.full(20, 3), (0.6, 0.2, 0.2), seed=5)
    among = assign_images(np.repeat([0, 3], [7, 20]), (0.6, 0.2, 0.2), seed=5)
    assert alone.tolist() == among[7:].tolist()


def possible(counts: np.ndarray, number: int) -> bool:
    """Return True if a division exists, by exhaustive search."""
    present = counts > 0
    for sides in itertools.product(range(number), repeat=len(counts)):
        in_train = present[np.array(sides) == 0].any(axis=0).all()
        if in_train and set(sides) == set(range(number)):
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(
    arrays.arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 4)),
                  elements=st.sampled_from([0, 0, 1, 2, 9])),
    st.sampled_from([(0.6, 0.2, 0.2), (0.8, 0.2)]),
    st.integers(0, 3),
)  # fmt: skip
def test_a_division_is_found_exactly_when_there_is_one(counts, shares, seed) -> None:
    counts = counts[:, counts.any(axis=0)]
    counts = counts[counts.any(axis=1)]
    if not counts.size:
        return
    side = assign_groups(counts, shares, seed)
    assert (side is not None) == possible(counts, len(shares))
    if side is not None:
        assert set(side.tolist()) == set(range(len(shares)))
        assert (counts[side == 0].sum(axis=0) > 0).all()


def test_many_groups_approximate_the_shares_of_every_class() -> None:
    generator = np.random.default_rng(0)
    counts = generator.integers(0, 12, (80, 5))
    side = assign_groups(counts, (0.6, 0.2, 0.2), seed=0)
    assert side is not None
    for number, share in enumerate((0.6, 0.2, 0.2)):
        part = counts[side == number].sum(axis=0) / counts.sum(axis=0)
        assert (abs(part - share) < 0.05).all()


def test_the_seed_breaks_ties() -> None:
    counts = np.ones((30, 2), np.int64)
    drawn = [assign_groups(counts, (0.6, 0.2, 0.2), seed) for seed in (0, 0, 1)]
    assert drawn[0] is not None
    assert drawn[0].tolist() == drawn[1].tolist() != drawn[2].tolist()
    assert np.bincount(drawn[0]).tolist() == [18, 6, 6]


@pytest.mark.parametrize("each", [2, 3, 4])
def test_groups_of_one_class_each_leave_no_share_with_one_class(each: int) -> None:
    counts = np.kron(np.eye(4, dtype=np.int64), np.full((each, 1), 5))
    for seed in range(5):
        side = assign_groups(counts, (0.6, 0.2, 0.2), seed)
        assert side is not None
        for share in (1, 2):
            assert (counts[side == share].sum(axis=0) > 0).sum() >= 2
