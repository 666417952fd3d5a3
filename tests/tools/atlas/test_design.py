"""The design: how many settings, where they lie, and that every default in use is among them."""

from dataclasses import replace

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import baselines
from sweeper.study.space.default_space import default_space
from tools.atlas.design import chosen, design
from tools.atlas.sweep import ARCFACE

NEUTRAL = {"m1": 1.0, "m2": 0.0, "m3": 0.0}


def margins(setting):
    return sum(getattr(setting, name) != neutral for name, neutral in NEUTRAL.items())


def test_a_third_on_the_axes_a_third_on_pairs_a_third_inside():
    settings = design(num_classes=10, embedding=64)
    assert len(settings) == len(set(settings)) >= 64
    counts = [sum(margins(setting) == many for setting in settings) for many in range(4)]
    axes, pairs, inside = counts[0] + counts[1], counts[2], counts[3]
    # The formulas, which depend on the classes, add two to the axes and one to the pairs.
    assert (axes - 2, pairs - 1, inside) == (22, 22, 22)
    assert counts[0] >= 7


def test_it_lies_in_the_ranges_that_are_searched_and_reaches_far_into_them():
    settings = design(num_classes=100, embedding=64)
    for name in ("m1", "m2", "m3", "scale"):
        values = [getattr(setting, name) for setting in settings]
        ends = default_space("combined")[name]
        low, high = ends["low"], ends["high"]
        assert min(values) >= low
        assert max(values) <= high
        if name == "scale":
            assert max(values) / min(values) == high / low
        else:
            assert max(values) - min(values) > 0.9 * (high - low)


def test_every_default_is_in_it():
    settings = design(num_classes=12, embedding=64)
    for name, setting in baselines(12, 64, lr=1e-3, weight_decay=0.0).items():
        if setting.loss != "softmax":
            assert replace(setting, loss="combined") in settings, name


def test_what_the_terms_stand_beside_is_in_it_without_them():
    assert Setting("combined", **ARCFACE) in design(num_classes=12, embedding=64)


def test_sixteen_of_it_are_measured_in_every_regime():
    few = chosen()
    assert len(set(few)) == 16
    for classes in (2, 1000):
        assert set(few) <= set(design(classes, 64))
    defaults = (
        Setting("combined", m2=0.5, scale=64.0),
        Setting("combined", m3=0.35, scale=64.0),
        Setting("combined", m1=1.35, scale=64.0),
        Setting("combined", m2=0.3, m3=0.2, scale=64.0),
    )
    assert set(defaults) < set(few)


def test_all_but_the_formulas_is_the_same_for_every_task():
    few, many = design(2, 64), design(1000, 64)
    assert len(set(few) & set(many)) == 66
