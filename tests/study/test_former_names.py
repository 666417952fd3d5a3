"""Study files and options with names of before; what is written has those of now."""

import pytest

from sweeper.cli import make_parser
from sweeper.errors import UsageError
from sweeper.study.study_file import StudySpec, load_study

BEFORE = """
dataset = "digits"
loss = "normalised-softmax"
beside = ["soft-nearest-neighbour", "sigma2r"]
controls = ["normalised-softmax"]
[space]
subcentres = {low = 1, high = 3}
sigma2r.n_neighbours = {choices = [3, 5]}
[fixed]
soft-nearest-neighbour.temperature = 2.0
"""
EXPERIMENT = """
dataset = "digits"
kind = "experiment"
[[settings]]
loss = ["softmax", "normalised-softmax"]
beside = ["soft-nearest-neighbour", "sigma2r"]
sigma2r.n_neighbours = [3, 5]
"""
NOW = {
    "normalised": "normalized",
    "neighbour": "neighbor",
    "subcentres": "subcenters",
}


def now(text):
    for before, after in NOW.items():
        text = text.replace(before, after)
    return text


@pytest.mark.parametrize("content", [BEFORE, EXPERIMENT], ids=["search", "experiment"])
def test_a_study_file_of_before_is_read_and_written_with_names_of_now(content, tmp_path):
    file = tmp_path / "study.toml"
    specs = []
    for text in (content, now(content)):
        file.write_text(text)
        specs.append(load_study(file))
    assert specs[0] == specs[1]
    text = specs[0].to_json()
    assert not any(word in text for word in NOW)
    assert StudySpec.from_json(text) == specs[0]


@pytest.mark.parametrize("table", ["space", "fixed"])
def test_both_names_of_one_are_refused(table):
    twice = {"sigma2r": {"n_neighbours": 3, "n_neighbors": 3}}
    content = {"name": "s", "dataset": "digits", "beside": ["sigma2r"], table: twice}
    with pytest.raises(UsageError) as caught:
        StudySpec.from_content(content, "s.toml")
    assert str(caught.value) == (
        f"s.toml: key {table!r}: sigma2r.n_neighbours is what sigma2r.n_neighbors was called; "
        "give one of them"
    )


@pytest.mark.parametrize("command", ["run", "recommend"])
def test_options_of_before_are_understood(command):
    options = make_parser().parse_args([command, "digits", "--loss", "normalised-softmax"])
    assert options.loss == "normalized-softmax"


def test_terms_of_before_are_understood():
    written = ["run", "digits", "--beside", "center, soft-nearest-neighbour"]
    assert make_parser().parse_args(written).beside == "center,soft-nearest-neighbor"
