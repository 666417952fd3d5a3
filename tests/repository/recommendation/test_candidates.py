import numpy as np
import pandas as pd
import pytest

from sweeper.repository.recommendation.candidates import Space

MEASURED = pd.DataFrame(
    {
        "m1": [1.0, 1.0, 1.0, 1.0, 1.3],
        "m2": [0.0, 0.5, 0.25, 0.0, 0.0],
        "m3": [0.0, 0.0, 0.0, 0.2, 0.0],
        "scale": [4.0, 32.0, 16.0, 16.0, 16.0],
    }
)


NOTHING = MEASURED.iloc[:0]


@pytest.mark.parametrize(
    ("loss", "varied"),
    [
        ("arcface", ["m2", "scale"]),
        ("cosface", ["m3", "scale"]),
        ("sphereface", ["m1", "scale"]),
        ("normalized-softmax", ["scale"]),
        ("combined", ["m1", "m2", "m3", "scale"]),
    ],
)
def test_only_what_the_loss_has_is_varied_and_within_what_was_measured(loss, varied):
    space = Space.of(loss, MEASURED)
    settings = space.candidates(NOTHING)
    neutral = {"m1": 1.0, "m2": 0.0, "m3": 0.0}
    for name in MEASURED:
        assert settings[name].between(MEASURED[name].min(), MEASURED[name].max()).all()
        if name in varied:
            assert settings[name].nunique() >= 2
        else:
            assert (settings[name] == neutral[name]).all()  # type: ignore[attr-defined]
    assert space.near(settings).all()
    assert not settings.duplicated().any()


def test_others_are_among_them_where_anything_like_them_was_measured():
    others = pd.DataFrame({"m1": 1.0, "m2": [0.26, 0.5], "m3": 0.0, "scale": [16.1, 4.0]})
    found = Space.of("arcface", MEASURED).candidates(others)
    pairs = set(map(tuple, found[["m2", "scale"]].to_numpy()))
    assert (0.26, 16.1) in pairs
    assert (0.25, 16.0) not in pairs  # the same but for a trifle
    assert (0.5, 4.0) not in pairs


def test_a_setting_far_from_every_measured_one_is_none():
    space = Space.of("arcface", MEASURED.iloc[:2])
    between = pd.DataFrame({"m1": [1.0, 1.0], "m2": [0.0, 0.1], "m3": 0.0, "scale": [32.0, 5.0]})
    assert space.near(between).tolist() == [False, True]


def test_known_settings_are_those_that_the_loss_can_express():
    assert len(Space.of("arcface", MEASURED).known()) == 3
    assert len(Space.of("combined", MEASURED).known()) == 5
    assert Space.of("softmax", MEASURED).known().empty
    assert Space.of("softmax", MEASURED).candidates(NOTHING).empty


def test_settings_are_the_same_every_time_and_in_any_order():
    first, second = (
        Space.of("combined", table).candidates(NOTHING) for table in (MEASURED, MEASURED[::-1])
    )
    pd.testing.assert_frame_equal(first, second)


def test_along_one_margin_all_else_stays():
    space = Space.of("arcface", MEASURED)
    best = pd.Series({"m1": 1.0, "m2": 0.213, "m3": 0.0, "scale": 16.0})
    line = space.along(best, "m2", 11)
    np.testing.assert_allclose(line["m2"], np.sort(np.append(np.linspace(0, 0.5, 11), 0.213)))
    assert (line["scale"] == 16).all()
