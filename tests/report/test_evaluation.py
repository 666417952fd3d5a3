"""The table of `sweeper fit`, over the repository that comes with the program."""

import re
from dataclasses import replace

import pytest

from sweeper.registry.objectives import OBJECTIVES
from sweeper.report.evaluation import print_evaluation, print_refusal
from sweeper.repository.evaluation.regret import RECOMMENDATION, evaluate
from sweeper.repository.objectives import regret_shown
from sweeper.repository.sources import shipped


@pytest.fixture(params=OBJECTIVES)
def evaluation(request):
    return evaluate(shipped(), request.param)


def rows(text):
    """The cells of each line of the table by its name."""
    cells = (re.split(r"\s{2,}", line.strip()) for line in text.splitlines())
    return {first: rest for first, *rest in cells if len(rest) > 1 and first != "regret"}


def test_a_line_a_baseline_the_recommendation_first(evaluation, capsys):
    print_evaluation(evaluation)
    out = capsys.readouterr().out
    choice, table = evaluation.choice, rows(out)
    assert out.startswith(f"{choice.objective}: {choice.tasks} tasks of {choice.sources} sources")
    assert next(iter(table)) == RECOMMENDATION
    assert table.keys() == choice.regrets.keys()
    for name, numbers in choice.regrets.items():
        regret = evaluation.tasks.groupby("source")[name].mean().mean()
        assert table[name][0] == regret_shown(choice.objective, regret)
        assert table[name][1] == regret_shown(choice.objective, numbers["se"])


def test_the_verdict(evaluation, capsys):
    better = replace(evaluation.choice, baseline=None, coverage=0.875)
    print_evaluation(replace(evaluation, choice=better))
    out = capsys.readouterr().out
    assert "`sweeper recommend` uses the regression" in out
    assert "its 90 % intervals cover 88 % of the held-out gains" in out
    print_evaluation(replace(evaluation, choice=replace(better, baseline="best constant")))
    assert "is not better than best constant (p < 0.16 is required)" in capsys.readouterr().out


def test_why_there_is_none(capsys):
    print_refusal("retrieval", "the repository has 1 of the 3 sources")
    assert capsys.readouterr().out == "retrieval: the repository has 1 of the 3 sources\n\n"
