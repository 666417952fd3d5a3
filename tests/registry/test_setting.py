"""A setting holds no number that its loss or its terms do not have."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.registry.hyperparameters import MARGINS
from sweeper.registry.losses import LOSSES, loss_options, repository_losses
from sweeper.registry.names import all_hyperparameters, own_names
from sweeper.registry.setting import Setting, paper_default
from sweeper.registry.terms import TERMS, term_names

PAIRS = [loss for loss, info in LOSSES.items() if not info.has_classes]
OTHER = {"m1": 1.25, "m2": 0.5, "m3": 0.5, "scale": 32.0}
#: Of each option a value that is not its default.
OPTIONS = loss_options()
CHANGED = {name: 0.5 if name == "warmup" else each.default + 1 for name, each in OPTIONS.items()}
CHANGED["learn_scale"] = 1
CHANGED |= {"subcenters": 3, "anneal_from": 500.0}


def refusal(*args, **values):
    with pytest.raises(ValueError, match=r".") as caught:
        Setting(*args, **values)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", OTHER)
def test_a_loss_takes_its_own_margins_alone(loss, name):
    if name in LOSSES[loss].margins:
        assert getattr(Setting(loss, **{name: OTHER[name]}), name) == OTHER[name]
        assert Setting(loss, **{name: OTHER[name]})[name] == OTHER[name]
    else:
        message = refusal(loss, **{name: OTHER[name]})
        assert re.fullmatch(f"{loss} has no {name}: it stays .*, not {OTHER[name]}", message)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", [*OTHER, "lr", "weight_decay"])
def test_numbers_are_finite(name, value):
    assert f"{name} must be a finite number" in refusal(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("m1", 0, "m1 must be positive, not 0"),
        ("scale", -1, "scale must be positive, not -1"),
        ("lr", 0, "lr must be positive, not 0"),
        ("weight_decay", -1e-9, "weight_decay must not be negative, not -1e-09"),
    ],
)
def test_signs(name, value, message):
    assert refusal(**{name: value}) == message


def test_an_unknown_loss():
    assert refusal("triplett") == "unknown loss 'triplett'"
    with pytest.raises(ValueError, match="unknown loss 'triplett'"):
        Setting.of("triplett", {"m2": 0.1}, ["center"])


PUBLISHED = {
    "sphereface": {"m1": 1.35},
    "cosface": {"m3": 0.35},
    "arcface": {"m2": 0.5},
    "combined": {"m2": 0.3, "m3": 0.2},
    "a-softmax": {"m1": 4.0},
}


@pytest.mark.parametrize("loss", LOSSES)
def test_published_settings_take_other_rates(loss):
    expected = Setting(loss, lr=0.1, weight_decay=0.01, **PUBLISHED.get(loss, {}))
    assert paper_default(loss, 0.1, 0.01) == expected
    assert expected.loss == loss


def test_descriptions_show_what_the_loss_has():
    assert Setting("softmax").describe() == "softmax"
    assert Setting("arcface", m2=0.5).describe() == "arcface (m2 0.5, scale 64)"
    assert Setting("adacos").describe() == "adacos"
    assert Setting("triplet").describe() == "triplet (margin 0.2)"
    options = Setting.of("arcface", {"m2": 0.5, "subcenters": 3, "warmup": 0.25})
    assert options.describe() == "arcface (m2 0.5, scale 64, subcenters 3, warmup 0.25)"


def test_descriptions_show_the_terms_in_order_without_rates():
    setting = Setting.of(
        "softmax", {"git.lambda_g": 1.0, "center.lambda": 0.1, "term_lr": 0.5, "lr": 0.1}
    )
    assert setting.describe() == ("softmax + center (lambda 0.1) + git (lambda_c 0.01, lambda_g 1)")


# --- more than margins ----------------------------------------------------------------------


def test_the_repository_knows_softmax_and_the_margin_losses():
    assert list(repository_losses()) == list(LOSSES)[: len(repository_losses())]
    assert all(info.margins.keys() <= MARGINS.keys() for info in repository_losses().values())
    others = {"a-softmax", "adacos", "adacos-fixed", *PAIRS}
    assert set(LOSSES) - set(repository_losses()) == others


@pytest.mark.parametrize("term", TERMS)
def test_a_term_comes_with_all_its_hyperparameters(term):
    defaults = {name: all_hyperparameters()[name].default for name in term_names(term)}
    named = Setting.of("softmax", {}, [term])
    assert dict(named.options) == defaults
    assert named.terms == (term,)
    for name, default in defaults.items():
        other = default + 1
        one = Setting("softmax", options=((name, other),))
        assert dict(one.options) == {**defaults, name: other}
        assert one == Setting.of("softmax", {name: other}, [term])
        assert one == Setting.of("softmax", {name: other})
        assert one[name] == other
        assert named[name] == default
        assert one != named


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", OPTIONS)
def test_a_loss_takes_its_own_options_alone(loss, name):
    value = CHANGED[name]
    if name not in LOSSES[loss].options:
        assert refusal(loss, options=((name, value),)) == f"{loss} has no {name}"
        assert Setting(loss)[name] == OPTIONS[name].default
        return
    setting = Setting(loss, options=((name, value),))
    assert setting.options == ((name, float(value)),)
    assert setting[name] == value
    assert name in setting.names
    assert setting != Setting(loss)


@pytest.mark.parametrize("loss", LOSSES)
def test_options_at_their_defaults_are_as_if_absent(loss):
    defaults = {name: OPTIONS[name].default for name in LOSSES[loss].options}
    setting = Setting.of(loss, defaults)
    assert setting == Setting(loss)
    assert not set(setting.names) & set(OPTIONS)


@pytest.mark.parametrize("loss", PAIRS)
def test_losses_of_pairs_have_a_margin_and_no_scale(loss):
    assert Setting(loss).options == (("margin", LOSSES[loss].margins["margin"].default),)
    assert Setting.of(loss, {"margin": 0.5}).names == ("margin", "lr", "weight_decay")
    assert Setting.of(loss, {"margin": 0.5})["margin"] == 0.5
    assert refusal("arcface", options=(("margin", 0.5),)) == "arcface has no margin"


def test_a_loss_and_a_term_of_one_name_have_a_margin_each():
    setting = Setting.of("triplet", {"margin": 0.5, "triplet.margin": 0.25})
    assert (setting["margin"], setting["triplet.margin"]) == (0.5, 0.25)
    assert setting.terms == ("triplet",)


def test_the_rate_of_the_terms_is_the_others_unless_given():
    setting = Setting.of("softmax", {"lr": 0.1}, ["center"])
    assert setting["term_lr"] == 0.1
    assert "term_lr" not in setting.names
    other = Setting.of("softmax", {"lr": 0.1, "term_lr": 0.5}, ["center"])
    assert other["term_lr"] == 0.5
    assert other.names == ("center.lambda", "lr", "weight_decay", "term_lr")
    assert other != setting
    assert refusal("softmax", options=(("term_lr", 0.5),)) == "softmax has no term_lr"


@pytest.mark.parametrize(
    ("loss", "more", "message"),
    [
        ("softmax", {"center.lambda": -1}, "center.lambda must not be negative, not -1"),
        ("softmax", {"center.lambda": math.nan}, "center.lambda must be a finite number, not nan"),
        ("softmax", {"center.lamda": 1}, "softmax has no center.lamda"),
        ("softmax", {"centre.lambda": 1}, "softmax has no centre.lambda"),
        ("softmax", {"center": 1}, "softmax has no center"),
        ("softmax", {"sigma2r.z": 0}, "sigma2r.z must be positive, not 0"),
        (
            "softmax",
            {"sigma2r.n_neighbors": 2.5},
            "sigma2r.n_neighbors must be a whole number, not 2.5",
        ),
        (
            "softmax",
            {"sigma2r.n_neighbors": 0},
            "sigma2r.n_neighbors must be at least 1, not 0",
        ),
        ("arcface", {"warmup": 2}, "warmup must be at most 1, not 2"),
        ("arcface", {"warmup": math.inf}, "warmup must be a finite number, not inf"),
        ("arcface", {"subcenters": 1.5}, "subcenters must be a whole number, not 1.5"),
        ("arcface", {"subcenters": 65}, "subcenters must be at most 64, not 65"),
        ("arcface", {"learn_scale": 0.5}, "learn_scale must be a whole number, not 0.5"),
        ("arcface", {"m2": 0.5}, "arcface has no m2"),  # it is no more of `more`
        ("normalized-softmax", {"warmup": 0.5}, "normalized-softmax has no warmup"),
        ("a-softmax", {"anneal_to": -1}, "anneal_to must not be negative, not -1"),
        ("triplet", {"margin": -0.1}, "margin must not be negative, not -0.1"),
    ],
)
def test_what_cannot_be_more(loss, more, message):
    assert refusal(loss, options=tuple(more.items())) == message


def test_an_unknown_term():
    with pytest.raises(ValueError, match=r"^unknown term 'centre'$"):
        Setting.of("softmax", {}, ["center", "centre"])


@st.composite
def settings(draw, wanted=tuple(LOSSES)):
    """Any setting, with its parts in any order."""
    loss = draw(st.sampled_from(sorted(wanted)))
    beside = draw(st.lists(st.sampled_from(sorted(TERMS)), unique=True, max_size=3))
    values = {}
    for name in own_names(loss, beside):
        each = all_hyperparameters()[name]
        low, high = max(each.least, each.above, -5), min(each.most, 100)
        number = st.integers(int(low), int(high)) if each.whole else st.floats(low, high)
        if draw(st.booleans()):
            values[name] = draw(number.filter(lambda x, above=each.above: x > above))
    return loss, dict(draw(st.permutations(sorted(values.items())))), beside


@given(settings(), st.randoms())
def test_one_setting_however_it_is_written(parts, random):
    loss, values, beside = parts
    setting = Setting.of(loss, values, beside)
    for name, value in values.items():
        assert setting[name] == value
    shuffled = list(setting.options)
    random.shuffle(shuffled)
    assert replace(setting, options=tuple(shuffled)) == setting
    assert hash(replace(setting, options=tuple(shuffled))) == hash(setting)
    assert Setting.of(loss, dict(reversed(values.items())), reversed(beside)) == setting
    assert Setting.of(loss, {name: setting[name] for name in setting.names}) == setting
    assert set(setting.terms) == set(beside)
    assert list(setting.terms) == [term for term in TERMS if term in beside]
    assert len(set(setting.names)) == len(setting.names)
    allowed = own_names(loss, setting.terms)
    assert set(setting.names) <= set(allowed)
    assert [n for n, _ in setting.options] == [n for n in allowed if n in dict(setting.options)]
    assert len(setting.describe().splitlines()) == 1


def test_other_losses_keep_the_terms():
    setting = Setting.of("arcface", {"m2": 0.5, "center.lambda": 0.5})
    assert replace(setting, loss="softmax", m2=0.0) == Setting.of("softmax", {"center.lambda": 0.5})
    assert replace(setting, lr=0.1)["center.lambda"] == 0.5
    options = Setting.of("arcface", {"subcenters": 3})
    with pytest.raises(ValueError, match=r"^softmax has no subcenters$"):
        replace(options, loss="softmax")
    assert replace(options, options=()) == Setting("arcface")


def test_what_a_loss_can_have_is_named_in_order():
    assert own_names("softmax") == ("lr", "weight_decay")
    assert own_names("arcface", ["center"]) == (
        *("m2", "scale", "subcenters", "learn_scale", "warmup"),
        *("center.lambda", "lr", "weight_decay", "term_lr"),
    )
    assert own_names("contrastive") == ("margin", "lr", "weight_decay")
