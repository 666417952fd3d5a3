import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sweeper.losses.monotone_cosine import monotone_cosine

PI = math.pi
#: m1 and m2: no margin, each alone, φ beyond π once and several times, negative.
MARGINS = [
    (1.0, 0.0),
    (1.0, 0.5),
    (1.0, 0.8),
    (1.0, -0.3),
    (0.7, 0.2),
    (1.35, 0.0),
    (1.35, -0.2),
    (2.0, 0.0),
    (2.5, 0.8),
    (3.0, -0.8),
    (4.0, 0.0),
    (4.0, 0.8),
]
#: Angles from 1e-4 to π - 1e-4, close to the ends too.
EDGE = [1e-4, 2e-4, 1e-3, 1e-2]
ANGLES = EDGE + [PI * i / 60 for i in range(1, 60)] + [PI - angle for angle in EDGE]


def evaluated(cosines, m1, m2, monotone=True, dtype=torch.float64):
    """Return ψ and its gradient at a list of cosines, as tensors of the dtype."""
    cosine = torch.tensor(cosines, dtype=dtype, requires_grad=True)
    psi = monotone_cosine(cosine, m1, m2, monotone)
    (gradient,) = torch.autograd.grad(psi.sum(), cosine)
    return psi.detach(), gradient


@pytest.mark.parametrize(("m1", "m2"), MARGINS)
@pytest.mark.parametrize("monotone", [True, False])
def test_values_are_those_of_the_formula(plain, m1, m2, monotone):
    psi, _ = evaluated([math.cos(angle) for angle in ANGLES], m1, m2, monotone)
    expected = [plain.psi(angle, m1, m2, monotone) for angle in ANGLES]
    assert psi.tolist() == pytest.approx(expected, abs=1e-6, rel=0)


@pytest.mark.parametrize(("m1", "m2"), MARGINS)
def test_values_at_both_ends_are_exact(plain, m1, m2):
    psi, _ = evaluated([1.0, -1.0], m1, m2)
    assert psi.tolist() == pytest.approx([plain.psi(0.0, m1, m2), plain.psi(PI, m1, m2)], abs=1e-12)


@pytest.mark.parametrize(("m1", "m2"), MARGINS)
@pytest.mark.parametrize("monotone", [True, False])
def test_gradients_are_finite_differences(plain, m1, m2, monotone):
    _, gradient = evaluated([math.cos(angle) for angle in ANGLES], m1, m2, monotone)
    for angle, slope in zip(ANGLES, gradient.tolist(), strict=True):
        step = min(1e-5, angle / 100, (PI - angle) / 100)
        fall = plain.psi(angle + step, m1, m2, monotone) - plain.psi(angle - step, m1, m2, monotone)
        # ∂cos over the same step, without the cancellation of cosines near ±1.
        turn = -2 * math.sin(angle) * math.sin(step)
        # At φ = kπ the second derivative jumps, so a difference is accurate only to its step.
        assert slope == pytest.approx(fall / turn, rel=1e-5, abs=2e-4)


@pytest.mark.parametrize(("m1", "m2"), [(1.0, 0.5), (2.0, 0.0), (2.5, 0.8), (4.0, 0.8)])
def test_gradient_where_phi_passes_a_multiple_of_pi(plain, m1, m2):
    for k in range(1, int((m1 * PI + m2) / PI) + 1):
        angle = (k * PI - m2) / m1
        if angle > PI - 1e-3:
            continue
        for near in (angle - 1e-4, angle, angle + 1e-4):
            _, gradient = evaluated([math.cos(near)], m1, m2)
            exact = m1 * abs(math.sin(m1 * near + m2)) / math.sin(near)
            assert gradient.item() == pytest.approx(exact, abs=1e-9, rel=1e-6)
            assert gradient.item() >= 0


@pytest.mark.parametrize(("m1", "m2"), MARGINS)
@pytest.mark.parametrize("distance", [1e-4, 1e-3])
def test_gradient_is_exact_near_both_ends(m1, m2, distance):
    _, gradient = evaluated([math.cos(distance), math.cos(PI - distance)], m1, m2)
    at_0 = m1 * math.sin(m1 * distance + m2) / math.sin(distance)
    at_pi = m1 * abs(math.sin(m1 * (PI - distance) + m2)) / math.sin(distance)
    # A cosine in float64 is known to 1e-16, and with it an angle of 1e-4 to 1e-8 of itself.
    assert gradient.tolist() == pytest.approx([at_0, at_pi], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("m1", "m2"), MARGINS)
def test_gradient_is_finite_everywhere_and_positive_at_pi(m1, m2, dtype):
    near_one = 1 - torch.finfo(dtype).eps / 2
    past_one = 1 + torch.finfo(dtype).eps
    for monotone in (True, False):
        cosines = [1.0, -1.0, near_one, -near_one, past_one, -past_one]
        psi, gradient = evaluated(cosines, m1, m2, monotone, dtype)
        assert psi.isfinite().all()
        assert gradient.isfinite().all()
    _, gradient = evaluated([-1.0, -past_one], m1, m2, dtype=dtype)
    assert (gradient > 0).all()


def test_without_a_margin_the_gradient_is_one_everywhere():
    for dtype in (torch.float32, torch.float64):
        _, gradient = evaluated([1.0, 0.3, -0.99999, -1.0], 1.0, 0.0, dtype=dtype)
        assert gradient.tolist() == pytest.approx([1.0] * 4, rel=1e-6)


@pytest.mark.parametrize("m1", [2.0, 3.0, 4.0])
def test_an_integer_factor_has_its_limit_at_both_ends(m1):
    _, gradient = evaluated([1.0, -1.0], m1, 0.0)
    assert gradient.tolist() == pytest.approx([m1**2, m1**2], rel=1e-6)


@pytest.mark.parametrize(("m1", "m2"), MARGINS)
def test_float32_keeps_five_decimals(plain, m1, m2):
    cosine = torch.tensor([math.cos(angle) for angle in [0.0, *ANGLES, PI]], dtype=torch.float32)
    expected = [plain.psi(math.acos(value), m1, m2) for value in cosine.tolist()]
    psi = monotone_cosine(cosine, m1, m2)
    assert psi.dtype == torch.float32
    assert psi.tolist() == pytest.approx(expected, abs=1e-5, rel=0)


@given(
    m1=st.floats(0.05, 6.0),
    m2=st.floats(0.0, 3.0),
    angles=st.tuples(st.floats(0.0, PI), st.floats(0.0, PI)).map(sorted),
)
def test_decreases_monotonically_for_nonnegative_margins(m1, m2, angles):
    psi, gradient = evaluated([math.cos(angle) for angle in angles], m1, m2)
    assert psi[1] <= psi[0] + 1e-7
    assert (gradient >= 0).all()


@pytest.mark.parametrize(("m1", "m2"), [(1.0, 0.0), (1.0, 0.8), (1.35, 0.0), (4.0, 0.8)])
def test_decreases_strictly_on_a_grid(m1, m2):
    psi, _ = evaluated([math.cos(PI * i / 500) for i in range(501)], m1, m2)
    assert (psi.diff() < 0).all()


def test_the_plain_cosine_rises_again_beyond_pi():
    literal, gradient = evaluated([math.cos(2.9), math.cos(3.1)], 1.0, 0.5, monotone=False)
    assert literal[1] > literal[0]
    assert (gradient < 0).all()


def test_nan_is_propagated():
    psi, _ = evaluated([math.nan], 1.0, 0.5)
    assert psi.isnan().all()


def test_margins_may_require_a_gradient():
    cosine = torch.linspace(-0.95, 0.95, 7, dtype=torch.float64, requires_grad=True)
    m1 = torch.tensor(1.6, dtype=torch.float64, requires_grad=True)
    m2 = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(monotone_cosine, (cosine, m1, m2))
