"""The errors that a user can mend: one line each, with the exit status they lead to."""

from collections.abc import Iterable
from difflib import get_close_matches


class SweeperError(Exception):
    """Something went wrong that one line explains, together with what to do about it.

    Line breaks in the message, which come with what it quotes, become spaces.
    """

    status = 1

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(filter(None, map(str.strip, message.splitlines()))))


class StudyGoneError(SweeperError):
    """A study was deleted while something was at work for it; its results are gone."""


class BusyError(SweeperError):
    """Somebody is at work on what was to be changed; once he is done, it can be.

    Attributes:
        who: is at work; the message goes on with what to do.
    """

    def __init__(self, who: str, remedy: str) -> None:
        super().__init__(f"{who}; {remedy}")
        self.who = who


class UsageError(SweeperError):
    """The request itself is wrong: an unknown name, a wrong key, a value out of range."""

    status = 2


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for a name that does not exist, naming the nearest ones that do."""
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    else:
        hint = f"known: {', '.join(names)}" if names else "there are none yet"
    return UsageError(f"unknown {kind} {name!r}; {hint}")
