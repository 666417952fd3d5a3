"""How good recommendations are on held-out tasks, as tables."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sweeper.console import count
from sweeper.report.tables import print_line, print_table
from sweeper.repository.baselines import BEST_CONSTANT, FORMULAS, PLAIN_SOFTMAX
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.evaluation.methods import OURS, PORTFOLIO, RANDOM
from sweeper.repository.evaluation.regret import SOURCES, TRIES
from sweeper.repository.objectives import digits, regret_shown, shown, unit_of_gains
from sweeper.repository.terms.evaluation import TermEvaluation

#: What stands beside the recommendation in the table of the regimes.
_OF_REGIMES = (BEST_CONSTANT, PLAIN_SOFTMAX, "ArcFace (0.5, 64)", FORMULAS[0])


def print_evaluation(choice: Choice) -> None:
    """Print the regret of the recommendation and of all else, by sources and by regimes."""
    unit = unit_of_gains(choice.objective)
    print_line(
        f"{choice.objective}: {count(choice.tasks, 'task')} of {count(choice.sources, 'source')}, "
        "each source left out in turn"
    )
    header = (
        f"regret in {unit}",
        *(f"{'1 try' if k == 1 else f'{k} tries'}" for k in TRIES),
        "p",
        "measured",
    )
    summary = choice.regrets[SOURCES]
    ranked = sorted(summary, key=lambda name: (name != OURS, summary[name]["regret"][0]))
    print_table(
        header,
        [(name, *_cells(choice.objective, summary[name])) for name in ranked],
        numbers=header[1:],
    )
    print_line()
    _print_regimes(choice)
    print_line(
        "regret: the gain of the best known setting minus that of the best one tried, ± standard "
        "error over sources; both are chosen on half of the seeds and scored on the other half, so "
        "it can be negative"
    )
    print_line(
        "p: of the hypothesis that the recommendation is no better after one try, one-sided, "
        "paired over sources; measured: share of the tasks on which the baseline itself was "
        "measured (on the others the nearest setting represents it)"
    )
    for line in _findings(choice):
        print_line(line)
    print_line()


def print_terms(objective: str, terms: Sequence[TermEvaluation]) -> None:
    """Print the regret of the recommended λ of each term, and of others, if any was measured."""
    if not terms:
        return
    print_line(f"{objective}: λ of terms, each source left out in turn")
    ways = tuple(terms[0].regrets)
    header = (f"regret in {unit_of_gains(objective)}", "tasks", *ways, "λ recommended", "covered")
    rows = [
        (
            f"{each.loss} + {each.term}",
            f"{each.tasks} of {count(each.sources, 'source')}",
            *(_with_error(objective, m.mean, m.se) for m in each.regrets.values()),
            f"on {100 * each.taken:.0f} %",
            f"{100 * each.coverage:.0f} %",
        )
        for each in terms
    ]
    print_table(header, rows, numbers=header[2:])
    worse = max(each.worse for each in terms)
    print_line(
        f"more than a {'point' if digits(objective) else 'percent'} worse than no term: on up to "
        f"{100 * worse:.0f} % of the tasks; covered: gains of the best λ within the 90 % interval"
    )
    print_line()


def print_refusal(objective: str, reason: str) -> None:
    """Print why an objective cannot be evaluated."""
    print_line(f"{objective}: {reason}")
    print_line()


def _cells(objective: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    pairs = zip(row["regret"], row["se"], strict=True)
    regrets = tuple(_with_error(objective, regret, se) for regret, se in pairs)
    p = "" if math.isnan(row["p"]) else f"{row['p']:.2f}"
    return (*regrets, p, f"{100 * row['measured']:.0f} %")


def _with_error(objective: str, regret: float, se: float) -> str:
    if math.isnan(regret):
        return "–"
    numbers = [regret_shown(objective, each).partition(" ")[0] for each in (regret, se)]
    return numbers[0] if math.isnan(se) else " ± ".join(numbers)


def _print_regimes(choice: Choice) -> None:
    """Print the regrets in each regime: with its other sources known, and without any of it."""
    schemes = {name: sizes for name, sizes in choice.schemes.items() if name != SOURCES}
    regimes = [name for name, sizes in schemes.items() if "missing" not in sizes]
    header = ("regime", "tasks", *(f"ours, {k}" for k in TRIES), f"{PORTFOLIO}, 3")
    header = (*header, f"{RANDOM}, 3", *_OF_REGIMES)
    rows = []
    for regime in regimes:
        sizes, summary = schemes[regime], choice.regrets[regime]
        wanted = [(OURS, k) for k in range(len(TRIES))] + [(PORTFOLIO, 1), (RANDOM, 1)]
        wanted += [(name, 0) for name in _OF_REGIMES]
        cells = [
            _with_error(choice.objective, summary[name]["regret"][k], summary[name]["se"][k])
            for name, k in wanted
        ]
        rows.append((regime, f"{sizes['tasks']} of {count(sizes['sources'], 'source')}", *cells))
    if rows:
        print_table(header, rows, numbers=header[2:])
        print_line()
    if missing := [
        f"{name} ({schemes[name]['missing']})" for name in schemes.keys() - set(regimes)
    ]:
        print_line(f"regimes with too little to evaluate: {'; '.join(sorted(missing))}")


def _findings(choice: Choice) -> list[str]:
    coverage, se = choice.coverage["mean"], choice.coverage["se"]
    covered = (
        "too few sources to check the 90 % intervals"
        if math.isnan(coverage)
        else f"90 % intervals cover {100 * coverage:.0f} ± {100 * se:.0f} % of the held-out gains"
    )
    median = shown(choice.objective, choice.width).lstrip("+")
    lines = [f"{covered}; their median width is {median}"]
    for name, share in choice.worse.items():
        lines.append(
            f"more than a {'point' if digits(choice.objective) else 'percent'} worse than {name}: "
            f"on {100 * share['all']:.0f} % of the tasks, surely on {100 * share['surely']:.0f} %"
        )
    if choice.refused:
        lines.append(
            f"{choice.refused} of {count(choice.tasks, 'task')} were too far from all others and "
            "were answered as such"
        )
    shares = ", ".join(f"{100 * share:.0f} % {name}" for name, share in choice.shares.items())
    return [*lines, f"predicted by an average: {shares}"]
