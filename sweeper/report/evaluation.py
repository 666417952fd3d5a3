"""How good recommendations are on held-out sources, as a table."""

import math

from sweeper.console import count
from sweeper.report.tables import print_line, print_table
from sweeper.repository.evaluation.paired_tests import SIGNIFICANCE
from sweeper.repository.evaluation.regret import RECOMMENDATION, Evaluation
from sweeper.repository.evaluation.selection import label
from sweeper.repository.objectives import regret_shown, shown

_HEADER = ("", "regret", "± se", "p", "measured")


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the regret of the recommendation and of every baseline, and the conclusion."""
    choice = evaluation.choice
    objective = choice.objective
    print_line(
        f"{objective}: {count(choice.tasks, 'task')} of {count(choice.sources, 'source')}, each "
        "source left out in turn"
    )
    rows = sorted(
        evaluation.summary().to_dict("records"),
        key=lambda row: (row["name"] != RECOMMENDATION, row["regret"]),
    )
    print_table(
        _HEADER,
        [
            (
                str(row["name"]),
                regret_shown(objective, row["regret"]),
                "–" if math.isnan(row["se"]) else regret_shown(objective, row["se"]),
                "" if math.isnan(row["p"]) else f"{row['p']:.2f}",
                f"{100 * row['measured']:.0f} %",
            )
            for row in rows
        ],
        numbers=_HEADER[1:],
    )
    best = evaluation.tasks["best"].mean()
    refused = int(evaluation.tasks["refused"].sum())
    print_line(
        "regret: the gain of the best known setting minus that of the recommended one, averaged "
        f"over sources; the best known setting gains {shown(objective, float(best))} over plain "
        "softmax"
    )
    print_line(
        "p: of the hypothesis that the recommendation is no better, one-sided, paired over "
        "sources; measured: share of the tasks on which the baseline itself was measured (on the "
        "others the nearest setting represents it)"
    )
    if refused:
        print_line(
            f"{refused} of {choice.tasks} tasks were too far from all others and were recommended "
            "plain softmax"
        )
    print_line(_verdict(evaluation))
    print_line()


def print_refusal(objective: str, reason: str) -> None:
    """Print why an objective cannot be evaluated."""
    print_line(f"{objective}: {reason}")
    print_line()


def _verdict(evaluation: Evaluation) -> str:
    choice = evaluation.choice
    surrogate = label(choice.surrogate)
    if choice.baseline is not None:
        return (
            f"the regression ({surrogate}) is not better than {choice.baseline} "
            f"(p < {SIGNIFICANCE:g} is required), so `sweeper recommend` recommends "
            f"{choice.baseline} and says so"
        )
    covered = (
        "too few sources to check its intervals"
        if math.isnan(choice.coverage)
        else f"its 90 % intervals cover {100 * choice.coverage:.0f} % of the held-out gains"
    )
    return f"`sweeper recommend` uses the regression ({surrogate}); {covered}"
