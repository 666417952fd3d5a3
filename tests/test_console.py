import time

import pytest

from sweeper import console
from sweeper.console import count, duration, preparing, rounded


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 s"),
        (89, "89 s"),
        (91, "2 min"),
        (89 * 60, "89 min"),
        (7800, "2 h 10 min"),
        (86400, "24 h 0 min"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (-0.04, "+.1f", "0.0"),
        (0.0, "+.1f", "0.0"),
        (-0.06, "+.1f", "-0.1"),
        (0.06, "+.1f", "+0.1"),
        (-0.4, ".0f", "0"),
        (-0.0, "+.3g", "0"),
    ],
)
def test_nothing_has_no_sign(number, form, text):
    assert rounded(number, form) == text


def test_count():
    assert count(1, "trial") == "1 trial"
    assert count(0, "trial") == "0 trials"
    assert count(60_000, "image") == "60,000 images"
    assert count(2, "class") == "2 classes"
    assert count(1, "class") == "1 class"


@pytest.mark.parametrize(("seconds", "said"), [(0.0, ""), (0.5, "reading photos\n")])
def test_what_takes_a_moment_is_said(seconds, said, monkeypatch, capsys):
    monkeypatch.setattr(console, "PATIENCE", 0.1)
    with preparing("reading photos"):
        time.sleep(seconds)
    time.sleep(0.2)
    assert capsys.readouterr().err == said


def test_what_failed_is_not_said_to_be_going_on(monkeypatch, capsys):
    monkeypatch.setattr(console, "PATIENCE", 0.1)
    with pytest.raises(ValueError, match="no photos"), preparing("reading photos"):
        raise ValueError("no photos")
    time.sleep(0.2)
    assert capsys.readouterr().err == ""
