"""What people read in the terminal while a command works, and how it writes numbers and times."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sweeper import logs

#: Seconds that a command may take without a word before it says what it is doing.
PATIENCE = 1.0


def say(text: str = "", level: int = logging.INFO) -> None:
    """Print lines for people, on standard error: standard output is for results.

    Where a process logs its events, each line is one of them, at this level.
    """
    if not logs.is_begun():
        print(text, file=sys.stderr, flush=True)
        return
    for line in filter(None, text.split("\n")):
        logs.note(line, level)


@contextmanager
def before_training() -> Iterator[None]:
    """Say that nothing came of what is going on if it is ended.

    Raises:
        KeyboardInterrupt: with what is to be said, see `sweeper.cli`.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "interrupted before anything was trained: the same command starts again"
        ) from None


@contextmanager
def preparing(what: str) -> Iterator[None]:
    """Say what is going on if it takes longer than a moment; see `before_training`."""
    timer = threading.Timer(PATIENCE, say, [what])
    timer.daemon = True
    timer.start()
    try:
        with before_training():
            yield
    finally:
        timer.cancel()


def duration(seconds: float) -> str:
    """Write a time as people say it: ``45 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def rounded(number: float, form: str) -> str:
    """Write a number as `format` does, what is rounded to zero without a sign: ``0.0``.

    Args:
        number: what is written.
        form: how, as in ``+.1f``.
    """
    text = format(number, form)
    return text.lstrip("+-") if float(text) == 0 else text


def count(number: int, noun: str) -> str:
    """Write a number of things: ``1 trial``, ``2 classes``, ``60,000 images``."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"
