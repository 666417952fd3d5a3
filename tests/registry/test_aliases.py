"""Names of before and what they became."""

import pytest

from sweeper.registry.aliases import current_name, current_names
from sweeper.registry.setting import Setting


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("normalised-softmax", "normalized-softmax"),
        ("soft-nearest-neighbour", "soft-nearest-neighbor"),
        ("soft-nearest-neighbour.temperature", "soft-nearest-neighbor.temperature"),
        ("sigma2r.n_neighbours", "sigma2r.n_neighbors"),
        ("subcentres", "subcenters"),
        ("arcface", "arcface"),
        ("what nobody knows", "what nobody knows"),
    ],
)
def test_a_name_of_before_is_that_of_now(before, now):
    assert current_name(before) == current_name(now) == now
    assert current_names({before: 1, "m2": 2}) == {now: 1, "m2": 2}


def test_both_names_at_once_are_refused():
    with pytest.raises(ValueError, match="subcentres is what subcenters was called; give one"):
        current_names({"subcenters": 2, "subcentres": 3})


def test_a_setting_takes_both_and_has_those_of_now():
    before = {"scale": 16.0, "subcentres": 2, "sigma2r.n_neighbours": 3}
    setting = Setting.of("normalised-softmax", before, ["soft-nearest-neighbour"])
    now = {"scale": 16.0, "subcenters": 2, "sigma2r.n_neighbors": 3}
    assert setting == Setting.of("normalized-softmax", now, ["soft-nearest-neighbor"])
