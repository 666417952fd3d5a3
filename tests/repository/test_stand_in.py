import pytest

from sweeper.repository import stand_in
from sweeper.repository.sources import shipped


@pytest.mark.parametrize("objective", stand_in.MEASURED)
def test_the_figures_are_those_of_what_comes_along(objective):
    assert stand_in.measured(shipped(), objective) == stand_in.MEASURED[objective]


def test_what_is_said():
    said = stand_in.note("accuracy")
    assert "19 known sources" in said
    assert "4.8 points below the best" in said
    assert stand_in.note("compactness") == ""
