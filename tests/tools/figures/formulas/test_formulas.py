"""Figures of formulas: what they draw is the closed form, and the pages are up to date."""

import math
import re

import pytest
import torch

from sweeper import losses
from tools.figures.formulas import sigma2r_surface
from tools.figures.formulas.margins import SHOWN, least_opening, margin_width
from tools.figures.formulas.pages import FIGURES, FOLDER, PAGES
from tools.figures.losses.files import save

#: θ apart, in radians, from where every margin can be met.
BETWEEN = torch.linspace(0.9, math.pi, 50, dtype=torch.float64)
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
ID = re.compile(r"\b[mpch][0-9a-f]{10}\b")


def closed_form(name, between):
    m = float(name.rpartition("= ")[2]) if "=" in name else 0.0
    if name.startswith("SphereFace"):
        return between * (m - 1) / (m + 1)
    if name.startswith("CosFace"):
        return 2 * torch.asin(m / (2 * torch.sin(between / 2)))
    return torch.full_like(between, m)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.name)
def test_margins_of_the_code_are_those_of_the_formulas(shown):
    width = margin_width(shown.target, BETWEEN)
    assert width.numpy() == pytest.approx(closed_form(shown.name, BETWEEN).numpy(), abs=1e-7)


def test_below_the_least_angle_no_margin_can_be_met():
    for shown in SHOWN:
        least = least_opening(shown.target)
        around = torch.tensor([least - 1e-3, least + 1e-3], dtype=torch.float64)
        if least > 1e-3:
            below, above = margin_width(shown.target, around).tolist()
            assert math.isnan(below)
            assert above == pytest.approx(float(closed_form(shown.name, around)[1]), abs=1e-6)
    by_name = {shown.name.partition(",")[0]: least_opening(shown.target) for shown in SHOWN}
    assert by_name["CosFace"] == pytest.approx(math.acos(1 - 0.35))
    assert by_name["ArcFace"] == pytest.approx(0.5)
    assert by_name["SphereFace"] == pytest.approx(0.0, abs=1e-7)


def test_the_surface_is_the_formula():
    rate = 1e-3 + 40 / (1 + math.exp(2.0))
    for distance, spread, around in ((0.3, 0.2, 0.5), (1.0, 1.0, 1.0), (2.0, 1.9, 1.5)):
        at = [torch.tensor(value, dtype=torch.float64) for value in (distance, spread)]
        formula = 40 / (1 + math.exp(-rate * (spread - around))) * distance**2
        assert float(sigma2r_surface.surface(*at, around)) == pytest.approx(formula, rel=1e-12)
        assert float(sigma2r_surface.center(at[0])) == pytest.approx(distance**2 / 2, rel=1e-12)


def test_the_surface_is_what_is_trained():
    # Two samples, both 1.3 from the center, 1 apart: their spread is 1, the center's 1.3.
    x = torch.tensor([[1.2, 0.5], [1.2, -0.5]], dtype=torch.float64)
    growth = torch.full((1,), sigma2r_surface.GROWTH, dtype=torch.float64)
    trained = losses.sigma2r_loss(x, torch.tensor([0, 0]), torch.zeros_like(x[:1]), growth)
    at = torch.tensor(1.3, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64)
    assert float(sigma2r_surface.surface(*at, 1.3)) == pytest.approx(float(trained), rel=1e-9)


@pytest.mark.parametrize("around", sigma2r_surface.CENTERS)
def test_inflection_and_level(around):
    # Second differences of the closed form, on both sides of the inflection.
    rate, step = 1e-3 + 40 / (1 + math.exp(2.0)), 1e-3

    def beta(spread):
        return 40 / (1 + math.exp(-rate * (spread - around)))

    for distance in (0.5, 2.0):
        found = sigma2r_surface.inflection(around, distance)
        assert found == pytest.approx(around, abs=1e-9)
    for side, sign in ((around - 0.01, 1), (around + 0.01, -1)):
        assert sign * (beta(side + step) - 2 * beta(side) + beta(side - step)) > 0
    assert beta(sigma2r_surface.level(around)) == pytest.approx(0.5)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_tables_are_up_to_date(page):
    text = page.read_text(encoding="utf-8")
    for name, make in PAGES[page].items():
        assert f"<!-- {name} -->\n\n{make()}\n\n<!-- end of {name} -->" in text
    assert f"(../figures/formulas/{page.stem}.svg)" in text


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_what_the_script_draws(name, tmp_path):
    committed = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert len(committed.encode()) < 160_000
    drawn = save(FIGURES[name], tmp_path / f"{name}.svg").read_text(encoding="utf-8")
    committed, drawn = ID.sub("id", committed), ID.sub("id", drawn)
    assert NUMBER.sub("0", committed) == NUMBER.sub("0", drawn)
    ours, theirs = ([float(n) for n in NUMBER.findall(text)] for text in (committed, drawn))
    assert ours == pytest.approx(theirs, abs=0.05)  # pt; another processor rounds otherwise
