"""What each hyperparameter may be."""

import math

import pytest

from sweeper.registry.hyperparameters import Hyperparameter
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.terms import TERMS, term_names


@pytest.mark.parametrize("name", all_hyperparameters())
def test_a_default_is_allowed_and_what_is_not_finite_is_not(name):
    hyperparameter = all_hyperparameters()[name]
    assert hyperparameter.fault(hyperparameter.default) is None
    for value in (math.nan, math.inf, -math.inf):
        assert hyperparameter.fault(value) == f"must be a finite number, not {value}"


@pytest.mark.parametrize(
    ("hyperparameter", "value", "fault"),
    [
        (Hyperparameter(1, above=0), 0, "must be positive, not 0"),
        (Hyperparameter(1, above=0), 5e-324, None),
        (Hyperparameter(2, above=1), 1, "must be more than 1, not 1"),
        (Hyperparameter(0, least=0), -0.5, "must not be negative, not -0.5"),
        (Hyperparameter(0, least=0), 0, None),
        (Hyperparameter(1, least=1), 0.5, "must be at least 1, not 0.5"),
        (Hyperparameter(1, most=1), 1, None),
        (Hyperparameter(1, most=1), 1.5, "must be at most 1, not 1.5"),
        (Hyperparameter(1, whole=True), 1.5, "must be a whole number, not 1.5"),
        (Hyperparameter(1, whole=True), -3.0, None),
        (Hyperparameter(1, least=1, whole=True), 0.5, "must be at least 1, not 0.5"),
    ],
)
def test_faults(hyperparameter, value, fault):
    assert hyperparameter.fault(value) == fault


def test_an_angle_in_degrees_is_taken_for_one():
    m2 = all_hyperparameters()["m2"]
    assert m2.misreading(math.pi) is None
    assert m2.misreading(28.6) == "is in radians, from -π to π, not 28.6; 28.6° are 0.4992"
    assert m2.fault(28.6) is None  # stored before: it is read
    assert all_hyperparameters()["scale"].misreading(28.6) is None


def test_terms_name_their_hyperparameters():
    assert term_names("center") == ("center.lambda",)
    assert term_names("git") == ("git.lambda_c", "git.lambda_g")
    for term in TERMS:
        for name in term_names(term):
            own = TERMS[term].hyperparameters[name.removeprefix(f"{term}.")]
            assert all_hyperparameters()[name] == own
