"""The command line as a whole: instant, complete, and quiet where a reader goes away."""

import argparse
import os
import subprocess
import sys
import time

import pytest

from sweeper.cli import main, make_parser
from sweeper.launch.planning import cores

HEAVY = ("torch", "optuna", "sqlalchemy", "pandas", "numpy", "rich", "plotly", "pydantic")


def commands(parser=None, words=()):
    """Yield the words of every command and action."""
    yield words
    for action in (parser or make_parser())._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield from commands(child, (*words, name))


def test_the_commands():
    assert {words[0] for words in commands() if words} == {
        *("recommend", "run", "worker", "studies", "results", "report", "confirm", "fit"),
        *("repository", "launch", "workers", "serve", "data", "db", "bench"),
        *("pause", "resume", "stop", "rename", "delete"),
    }
    assert ("db", "backup") in set(commands())


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_help_works(words, capsys):
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(" ".join(("usage: sweeper", *words)))
    assert captured.err == ""


def test_describing_the_commands_imports_nothing_heavy():
    script = "import sys; from sweeper.cli import make_parser; make_parser(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert "sweeper.commands.run" in done.stdout.split()
    assert not set(HEAVY) & set(done.stdout.split())


@pytest.mark.parametrize(
    ("given", "found"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")]
)
def test_threads_that_wait_sleep_unless_told_otherwise(given, found):
    """OpenMP itself, which PyTorch comes with, says by what it goes."""
    script = "from sweeper.cli import main; main(['studies']); import torch"
    environment = {name: value for name, value in os.environ.items() if "OMP" not in name}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, **given, "OMP_DISPLAY_ENV": "true"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert f"OMP_WAIT_POLICY = '{found}'" in done.stderr


@pytest.mark.parametrize(("given", "found"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, 2)])
def test_numpy_has_one_thread_unless_told_otherwise(given, found):
    script = (
        "from sweeper.cli import main; main(['studies']); import numpy, threadpoolctl;"
        "print([each['num_threads'] for each in threadpoolctl.threadpool_info()"
        " if each['internal_api'] == 'openblas'])"
    )
    environment = {name: value for name, value in os.environ.items() if "_NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, **given},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    # Of those that there are no more cores for there are fewer.
    assert done.stdout.splitlines()[-1] == f"[{min(found, cores())}]"


def test_help_is_instant():
    """At most 0.4 s, or on a machine that is busy a few times what Python itself takes to start."""

    def seconds(*arguments):
        best = 60.0
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            best = min(best, time.perf_counter() - began)
        return best

    empty = seconds("-c", "pass")
    assert seconds("-m", "sweeper", "--help") < max(0.4, 8 * empty)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "sweeper: the following arguments are required: COMMAND; see `sweeper --help`\n"),
        (["db"], "sweeper db: the following arguments are required: ACTION; see `sweeper db -"),
        (["rum"], "sweeper: argument COMMAND: invalid choice: 'rum'"),
        (["results", "x", "--format", "xml"], "sweeper results: argument --format: invalid choice"),
        (["data", "check", "x", "--by", "3"], "sweeper data check: unrecognized arguments: --by 3"),
        (
            ["run", "digits", "--n-trial", "3"],
            "sweeper run: unrecognized arguments: --n-trial 3 (did you mean --n-trials?)",
        ),
    ],
)
def test_usage_errors_are_one_line(arguments, line, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    captured = capsys.readouterr()
    assert end.value.code == 2
    assert captured.err.startswith(line)
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_the_storage_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("SWEEPER_STORAGE", "postgresql://host/name")
    assert make_parser().parse_args(["studies"]).storage == "postgresql://host/name"
    monkeypatch.setenv("SWEEPER_STORAGE", "")
    assert make_parser().parse_args(["studies"]).storage == "sqlite:///sweeper.db"


def test_a_reader_that_goes_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "sweeper", "data", "list"],
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_contact_sheet_is_written_even_if_the_reader_goes_away(tmp_path):
    read, write = os.pipe()
    os.close(read)
    sheet = tmp_path / "sheet.png"
    with os.fdopen(write, "w") as gone:
        command = ["data", "check", "digits[per_class=5]", "--plot", str(sheet)]
        subprocess.run(
            [sys.executable, "-m", "sweeper", *command], stdout=gone, check=True, timeout=60
        )
    assert sheet.stat().st_size


def test_an_interrupt_is_one_line(monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr("sweeper.commands.data.execute_list", interrupted)
    assert main(["data", "list"]) == 130
    assert capsys.readouterr().err == "sweeper: interrupted; no partial results were written\n"


@pytest.mark.parametrize(("command", "step"), [("run", "_open"), ("recommend", "_advise")])
def test_an_interrupt_before_anything_is_trained_says_so(command, step, monkeypatch, capsys):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"sweeper.commands.{command}.{step}", interrupted)
    assert main([command, "digits"]) == 130
    said = capsys.readouterr().err
    assert said.startswith("sweeper: interrupted before anything was trained: ")
    assert said.count("\n") == 1
