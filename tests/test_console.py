import pytest

from sweeper.console import count, duration


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


def test_count():
    assert count(1, "trial") == "1 trial"
    assert count(0, "trial") == "0 trials"
    assert count(60_000, "image") == "60,000 images"
    assert count(2, "class") == "2 classes"
    assert count(1, "class") == "1 class"
