"""Events of a process as lines: one each, with time and level."""

import json
import re
import subprocess
import sys

import pytest

_SCRIPT = """
import logging, sys, warnings
from sweeper.console import say
from sweeper.logs import Logs
Logs(*sys.argv[1:]).begin()
ours, theirs = logging.getLogger("sweeper.serve"), logging.getLogger("library")
ours.debug("looked")
ours.info("changed", extra={"action": "pause", "study": "mine", "visitor": "me"})
theirs.info("connected")
theirs.warning("slow")
try:
    raise ValueError("two\\nlines \\x1b[2J")
except ValueError:
    ours.exception("failed")
say("line one\\nline two")
warnings.warn("old")
"""


def lines(*options):
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *options], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_text_has_time_level_and_place_in_one_line():
    found = lines("text", "info")
    when = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert all(re.match(rf"{when} (INFO|WARNING|ERROR) [\w.]+: ", line) for line in found)
    said = [line.split(" ", 1)[1] for line in found]
    assert said[0] == "INFO sweeper.serve: changed"
    assert said[1] == "WARNING library: slow"
    assert said[2].startswith(r"ERROR sweeper.serve: failed\nTraceback (most recent call last):\n")
    assert said[2].endswith(r"ValueError: two\nlines \x1b[2J")
    assert said[3:5] == ["INFO sweeper: line one", "INFO sweeper: line two"]
    assert said[5].startswith("WARNING py.warnings: ")
    assert len(said) == 6


def test_json_is_an_object_a_line():
    found = [json.loads(line) for line in lines("json", "info")]
    assert [each["level"] for each in found[:3]] == ["info", "warning", "error"]
    assert found[0].items() >= {"action": "pause", "study": "mine", "visitor": "me"}.items()
    assert found[0]["message"] == "changed"
    assert found[2]["exception"].endswith("ValueError: two\nlines \x1b[2J")


@pytest.mark.parametrize(
    ("level", "first", "number"),
    [("debug", "looked", 8), ("warning", "slow", 3), ("error", "slow", 3)],
)
def test_the_level_is_of_our_events_and_libraries_warn(level, first, number):
    found = [json.loads(line)["message"] for line in lines("json", level)]
    assert found[0] == first
    assert len(found) == number
