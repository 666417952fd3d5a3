import math

import pytest
import torch

from sweeper.losses.margin_logits import combined_margin_logits
from sweeper.registry.setting import paper_default
from sweeper.repository.baselines import (
    baselines,
    combined_scale,
    cosface_margin_bound,
    cosface_scale,
    fixed_adacos_scale,
    largest_angle,
)


def simplex(num_classes):
    """C unit vectors in C dimensions, every two at the same, largest angle."""
    centered = torch.eye(num_classes, dtype=torch.float64) - 1 / num_classes
    return torch.nn.functional.normalize(centered)


@pytest.mark.parametrize(
    ("num_classes", "adacos", "cosface"),
    [
        (10, "3.11", ["3.96", "6.11", "8.19"]),
        (100, "6.50", ["6.72", "9.10", "11.4"]),
        (200, "7.49", ["7.45", "9.84", "12.1"]),
        (1000, "9.77", ["9.09", "11.5", "13.8"]),
    ],
)
def test_the_table_of_known_scales(num_classes, adacos, cosface):
    assert f"{fixed_adacos_scale(num_classes):#.3g}" == adacos
    scales = [cosface_scale(num_classes, posterior) for posterior in (0.9, 0.99, 0.999)]
    assert [f"{scale:#.3g}" for scale in scales] == cosface


def test_adacos_is_never_below_two():
    assert [fixed_adacos_scale(c) for c in (2, 3, 5)] == [2, 2, 2]
    assert fixed_adacos_scale(6) == pytest.approx(math.sqrt(2) * math.log(5))


@pytest.mark.parametrize("num_classes", [2, 3, 10, 200])
@pytest.mark.parametrize(("m1", "m2", "m3"), [(1, 0, 0), (1, 0.5, 0), (1.35, 0.3, 0.2), (1, 0, -1)])
@pytest.mark.parametrize("posterior", [0.4, 0.9, 0.999])
def test_the_scale_gives_the_posterior_at_a_vertex_of_the_simplex(
    num_classes, m1, m2, m3, posterior
):
    scale = combined_scale(num_classes, m2, m3, posterior)
    cosine = (simplex(num_classes) @ simplex(num_classes).T).clamp(-1, 1)
    labels = torch.arange(num_classes)
    # The logits are linear in the scale, which may come out negative where P is below chance.
    logits = scale * combined_margin_logits(cosine, labels, m1, m2, m3, scale=1.0)
    found = logits.softmax(1).diagonal()
    torch.testing.assert_close(found, torch.full_like(found, posterior), rtol=1e-6, atol=0)


def test_a_smaller_scale_cannot_reach_the_posterior():
    cosine = (simplex(10) @ simplex(10).T).clamp(-1, 1)
    scale = 0.99 * combined_scale(10, 0.3, 0.2, 0.9)
    logits = combined_margin_logits(cosine, torch.arange(10), 1.0, 0.3, 0.2, scale)
    assert logits.softmax(1).diagonal().max() < 0.9


@pytest.mark.parametrize(("num_classes", "posterior"), [(2, 0.9), (10, 0.99), (5000, 0.999)])
def test_without_margins_both_formulas_agree_with_the_paper(num_classes, posterior):
    others = num_classes - 1
    paper = others / num_classes * math.log(others * posterior / (1 - posterior))
    assert cosface_scale(num_classes, posterior) == pytest.approx(paper, rel=1e-12)
    assert combined_scale(num_classes, 0, 0, posterior) == pytest.approx(paper, rel=1e-12)


@pytest.mark.parametrize("num_classes", [2, 3, 7, 50])
def test_the_largest_angle_is_that_of_a_simplex(num_classes):
    centers = simplex(num_classes)
    assert largest_angle(num_classes) == pytest.approx(
        math.acos(max(-1.0, (centers[0] @ centers[1]).item())), abs=1e-7
    )


def test_the_bound_on_the_margin():
    for num_classes in (2, 3, 7, 100):  # of directions on a circle, neighbors are nearest
        turn = 2 * math.pi / num_classes
        assert cosface_margin_bound(num_classes, 2) == pytest.approx(1 - math.cos(turn))
    for num_classes in (2, 10, 65):
        angle = largest_angle(num_classes)
        assert cosface_margin_bound(num_classes, 64) == pytest.approx(1 - math.cos(angle))
    # An axis and its opposite for each dimension: 2d directions at right angles or wider.
    assert cosface_margin_bound(128, 64) == 1
    assert cosface_margin_bound(66, 64) == 1


def test_all_baselines():
    settings = baselines(100, 64, lr=0.01, weight_decay=1e-4)
    assert {(s.lr, s.weight_decay) for s in settings.values()} == {(0.01, 1e-4)}
    found = {
        name: (s.loss, s.m1, s.m2, s.m3, float(f"{s.scale:.3g}")) for name, s in settings.items()
    }
    plain = paper_default("softmax")
    assert found == {
        "plain softmax": ("softmax", 1, 0, 0, plain.scale),
        "ArcFace (0.5, 64)": ("arcface", 1, 0.5, 0, 64),
        "CosFace (0.35, 64)": ("cosface", 1, 0, 0.35, 64),
        "SphereFace (1.35, 64)": ("sphereface", 1.35, 0, 0, 64),
        "combined (1, 0.3, 0.2)": ("combined", 1, 0.3, 0.2, 64),
        "combined (0.9, 0.4, 0.15)": ("combined", 0.9, 0.4, 0.15, 64),
        "AdaCos, fixed": ("normalized-softmax", 1, 0, 0, 6.5),
        "CosFace formula (P 0.999)": ("cosface", 1, 0, 0.35, 11.4),
        "combined formula (P 0.999)": ("combined", 1, 0.3, 0.2, 15.0),
    }


def test_the_formula_keeps_its_margin_within_the_bound():
    assert baselines(20, 2, 1e-3, 0)["CosFace formula (P 0.999)"].m3 == cosface_margin_bound(20, 2)


@pytest.mark.parametrize("num_classes", [2, 3, 100_000])
def test_every_number_of_classes_has_baselines(num_classes):
    for setting in baselines(num_classes, 64, 1e-3, 0).values():
        assert 1 < setting.scale <= 64


@pytest.mark.parametrize(
    "call",
    [
        lambda: fixed_adacos_scale(1),
        lambda: cosface_scale(1, 0.9),
        lambda: combined_scale(1, 0, 0, 0.9),
        lambda: cosface_margin_bound(1, 64),
        lambda: largest_angle(1),
        lambda: baselines(1, 64, 1e-3, 0),
    ],
)
def test_one_class_is_refused(call):
    with pytest.raises(ValueError, match="at least 2 classes are needed, got 1"):
        call()


@pytest.mark.parametrize("posterior", [0, 1, -0.1, math.nan])
def test_a_posterior_is_between_0_and_1(posterior):
    with pytest.raises(ValueError, match="between 0 and 1"):
        cosface_scale(10, posterior)


def test_margins_that_no_scale_makes_up_for_are_refused():
    with pytest.raises(ValueError, match="too large for 11 classes"):
        combined_scale(11, 0, 1.1, 0.9)
    assert combined_scale(11, 0, 1.09, 0.9) > 100


def test_a_line_is_no_embedding():
    with pytest.raises(ValueError, match="at least 2 dimensions"):
        cosface_margin_bound(10, 1)
