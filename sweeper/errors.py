"""The errors that a user can mend: one line each, with the exit status they lead to."""

from collections.abc import Iterable
from difflib import get_close_matches


class SweeperError(Exception):
    """Something went wrong that one line explains, together with what to do about it."""

    status = 1


class UsageError(SweeperError):
    """The request itself is wrong: an unknown name, a wrong key, a value out of range."""

    status = 2


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for a name that does not exist, naming the nearest ones that do."""
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
    return UsageError(f"unknown {kind} {name!r}; {hint}")
