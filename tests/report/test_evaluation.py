"""The tables of `sweeper fit`, over the repository that comes with the program."""

import re
from dataclasses import replace

import pytest

from sweeper.registry.objectives import OBJECTIVES
from sweeper.report.evaluation import print_evaluation, print_refusal, print_terms
from sweeper.repository.evaluation.methods import OURS
from sweeper.repository.evaluation.paired_tests import Mean
from sweeper.repository.evaluation.regret import SOURCES
from sweeper.repository.objectives import regret_shown
from sweeper.repository.sources import stored_choice
from sweeper.repository.terms.evaluation import TermEvaluation


@pytest.fixture(params=OBJECTIVES)
def choice(request):
    return stored_choice(request.param, None)


def rows(text):
    """The cells of each line of the first table by its name."""
    table = text.split("\n\n")[0].splitlines()[2:]
    cells = (re.split(r"\s{2,}", line.strip()) for line in table)
    return {first: rest for first, *rest in cells}


def test_a_line_a_method_the_recommendation_first(choice, capsys):
    print_evaluation(choice)
    out = capsys.readouterr().out
    table = rows(out)
    assert out.startswith(f"{choice.objective}: {choice.tasks} tasks of {choice.sources} sources")
    assert next(iter(table)) == OURS
    assert table.keys() == choice.regrets[SOURCES].keys()
    for name, numbers in choice.regrets[SOURCES].items():
        first, se = (regret_shown(choice.objective, numbers[k][0]) for k in ("regret", "se"))
        assert table[name][0] == f"{first.partition(' ')[0]} ± {se.partition(' ')[0]}"


def test_regimes_stand_in_a_table_of_their_own(choice, capsys):
    scheme = "frozen features: regime left out"
    schemes = {**choice.schemes, scheme: {"tasks": 7, "sources": 4}}
    regrets = {**choice.regrets, scheme: choice.regrets[SOURCES]}
    print_evaluation(replace(choice, schemes=schemes, regrets=regrets))
    line = next(x for x in capsys.readouterr().out.splitlines() if x.startswith(scheme))
    first = regret_shown(choice.objective, choice.regrets[SOURCES][OURS]["regret"][0])
    assert re.split(r"\s{2,}", line)[1] == "7 of 4 sources"
    assert re.split(r"\s{2,}", line)[2].startswith(first.partition(" ")[0])


def test_what_was_found(choice, capsys):
    found = replace(
        choice,
        coverage={"mean": 0.875, "se": 0.03},
        width=0.123,
        worse={"plain softmax": {"all": 0.25, "surely": 0.0}},
        refused=2,
    )
    print_evaluation(found)
    out = capsys.readouterr().out
    assert "90 % intervals cover 88 ± 3 % of the held-out gains" in out
    assert "worse than plain softmax: on 25 % of the tasks, surely on 0 %" in out
    assert f"2 of {choice.tasks} tasks were too far" in out


def test_terms_have_a_line_each(capsys):
    regrets = {"recommended λ": Mean(0.002, 0.005), "no term": Mean(0.034, float("nan"))}
    of_center = TermEvaluation(
        "softmax", "center", 15, 11, regrets, worse=0.07, taken=1.0, coverage=0.92
    )
    print_terms("accuracy", [of_center, replace(of_center, loss="arcface", worse=0.0)])
    out = capsys.readouterr().out
    line = next(each for each in out.splitlines() if each.startswith("softmax + center"))
    cells = ["softmax + center", "15 of 11 sources", "0.2 ± 0.5", "3.4", "on 100 %", "92 %"]
    assert re.split(r"\s{2,}", line.strip()) == cells
    assert "more than a point worse than no term: on up to 7 % of the tasks" in out
    print_terms("accuracy", [])
    assert capsys.readouterr().out == ""


def test_why_there_is_none(capsys):
    print_refusal("retrieval", "the repository has 1 of the 3 sources")
    assert capsys.readouterr().out == "retrieval: the repository has 1 of the 3 sources\n\n"
