"""What the README says can be run: its Python, its study file, its commands, its links."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from sweeper.cli import make_parser
from sweeper.registry.nets import NETS
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.pruners import PRUNERS
from sweeper.registry.samplers import search_samplers
from sweeper.study.study_file import load_study

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code):
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("content", blocks("toml"))
def test_study_files_are_studies(content, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(content)
    assert load_study(file).name in ("my-arcface", "my-sigma2r")


def commands():
    lines = re.findall(r"^    (sweeper .*)$", TEXT, re.MULTILINE)
    quoted = re.findall(r"`(sweeper [^`]*)`", TEXT)
    return [re.sub(r"\s+# .*", "", command) for command in lines + quoted]


@pytest.mark.parametrize("command", commands())
def test_commands_are_understood(command):
    _, *words = shlex.split(command.replace("…", "user@host/name"))
    parsed = make_parser().parse_args(words)
    assert isinstance(parsed, argparse.Namespace)
    assert callable(parsed.execute)


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)]*)\)", TEXT))
def test_links_lead_somewhere(target):
    assert (README.parent / target).exists()


def table(head):
    """The cells of the rows of a table, by each name in the first cell."""
    rows = TEXT.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {name: rest for first, *rest in cells for name in re.findall(r"`([^`]*)`", first)}


def test_objectives_and_nets_are_those_of_the_records():
    shown = {name: cells[0] for name, cells in table("objective").items()}
    assert list(shown) == list(OBJECTIVES)
    assert all(shown[name].startswith(info.about) for name, info in OBJECTIVES.items())
    shown = {name: cells[0] for name, cells in table("net").items()}
    assert [name for name in shown if name in NETS] == list(NETS)
    assert all(shown[name].startswith(info.about) for name, info in NETS.items())


@pytest.mark.parametrize(("key", "names"), [("sampler", search_samplers()), ("pruner", PRUNERS)])
def test_samplers_and_pruners_are_those_of_the_records(key, names):
    assert re.search(rf"^{key} = .*# {', '.join(names)}$", TEXT, re.MULTILINE)


def test_make_knows_the_targets():
    rules = (README.parent / "Makefile").read_text()
    for target in re.findall(r"^    make (\S+)", TEXT, re.MULTILINE):
        assert f"\n{target}:" in rules
