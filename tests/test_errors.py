import pytest

from sweeper.errors import SweeperError, UsageError, unknown


@pytest.mark.parametrize("kind", [SweeperError, UsageError])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\x85", "\u2028", "\n\n  \t"])
def test_every_message_is_one_line(kind: type[SweeperError], end: str) -> None:
    error = kind(f"cannot read x: it says{end}no such thing{end}")
    assert str(error) == "cannot read x: it says no such thing"


def test_spaces_in_a_name_are_left_alone() -> None:
    assert str(SweeperError("there is no 'my  photos'")) == "there is no 'my  photos'"


@pytest.mark.parametrize(
    ("known", "hint"),
    [
        (["digits", "mnist"], "did you mean digits?"),
        (["mnist", "cifar"], "known: cifar, mnist"),
        ([], "there are none yet"),
    ],
)
def test_an_unknown_name_leads_somewhere(known: list[str], hint: str) -> None:
    error = unknown("study", "digit", known)
    assert str(error) == f"unknown study 'digit'; {hint}"
    assert error.status == 2
