"""The tables of docs/results/proof.md."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch

from sweeper.console import rounded
from sweeper.cpuinfo import model_name
from sweeper.report.text import measured
from sweeper.repository.baselines import BEST_CONSTANT, FORMULAS, PLAIN_SOFTMAX
from tools.pages import fill, markdown
from tools.proof import scores
from tools.proof.outcome import OURS, RANDOM_SEARCH, Outcome, over_tasks
from tools.proof.regrets import Estimate
from tools.proof.tasks import OBJECTIVE

PAGE = Path(__file__).parents[2] / "docs" / "results" / "proof.md"

ARCFACE = "ArcFace (0.5, 64)"
#: The methods that are told task by task.
_TOLD = (PLAIN_SOFTMAX, ARCFACE, FORMULAS[0], BEST_CONSTANT, RANDOM_SEARCH)


def write(
    outcomes: Sequence[Outcome], folder: Path, page: Path = PAGE, missing: Sequence[str] = ()
) -> None:
    """Write the scores into a folder, and the tables between the page's markers.

    Args:
        outcomes: of the tasks that are trained.
        folder: for the scores.
        page: for the tables.
        missing: names of tasks that are not.
    """
    scores.write(outcomes, folder)
    fill(
        page,
        {
            "runs": _runs(outcomes, missing),
            "verdict": verdict(outcomes),
            "regrets": table_of_methods(outcomes),
            "tasks": table_of_tasks(outcomes),
            "regrets by task": table_by_task(outcomes),
            "settings": "\n\n".join(_details(each) for each in outcomes),
        },
    )


def verdict(outcomes: Sequence[Outcome]) -> str:
    """Return what the numbers to reach have become."""
    one, three = (over_tasks(outcomes, tries) for tries in (1, 3))
    default = one[ARCFACE].mean
    lost = [each.task.dataset for each in outcomes if each.surely_below]
    lines = [
        f"- At one try, regret {_points(one[OURS])}: {_ratio(one[OURS].mean, default)} of "
        f"{ARCFACE}'s {_points(one[ARCFACE])}; {FORMULAS[0]} has {_points(one[FORMULAS[0]])}"
        + (f", {BEST_CONSTANT} {_points(one[BEST_CONSTANT])}." if BEST_CONSTANT in one else "."),
        f"- At three tries, regret {_points(three[OURS])}: {_ratio(three[OURS].mean, default)} of "
        f"{ARCFACE}'s at one; random search has {_points(three[RANDOM_SEARCH])}, plain softmax at "
        f"three rates {_points(three[PLAIN_SOFTMAX])}.",
        "- Tasks on which the recommended setting is surely (95 %, paired over seeds) more than a "
        f"point below plain softmax at its best rate: {', '.join(lost) or 'none'}.",
    ]
    return "\n".join(lines)


def table_of_methods(outcomes: Sequence[Outcome]) -> str:
    """Return the mean regrets over tasks, the smallest at one try first."""
    one, three = (over_tasks(outcomes, tries) for tries in (1, 3))
    rows = []
    for name in sorted(one, key=lambda method: one[method].mean):
        worst = max(_number(each.regrets()[name].one) for each in outcomes)
        rows.append(
            (name, _points(one[name]), f"{100 * worst:.1f}",
             _points(three[name]) if name in three else "–")
        )  # fmt: skip
    return markdown(("", "one try", "worst task", "best of three tries"), rows)


def table_of_tasks(outcomes: Sequence[Outcome]) -> str:
    """Return what was trained."""
    rows = []
    for each in outcomes:
        plan = each.answer.plan
        rows.append(
            (
                each.task.dataset,
                each.task.about,
                f"{each.task.net}, {plan['start']}",
                f"{plan['num_classes']:,}",
                f"{plan['per_class']:,.0f}",
                f"{plan['epochs']:,}",
                "known" if each.answer.content["known"] else "not known",
                f"{each.answer.repository[:8]}, sweeper {each.answer.version}",
            )
        )
    header = ("task", "data", "net", "classes", "images of each", "epochs", "answer", "asked of")
    return markdown(header, rows)


def table_by_task(outcomes: Sequence[Outcome]) -> str:
    """Return the regrets of some methods task by task, at one try and at three."""
    header = ["task", "best known", OURS, "shortlist of three"]
    for name in _TOLD:
        header += (
            [name, f"{name}, three tries"] if name in (PLAIN_SOFTMAX, RANDOM_SEARCH) else [name]
        )
    rows = []
    for each in outcomes:
        regrets = each.regrets()
        cells = [each.task.dataset, f"{100 * each.best_known:.1f}"]
        for name in (OURS, *_TOLD):
            own = regrets.get(name)
            cells.append("–" if own is None else f"{100 * _number(own.one):.1f}")
            if own is not None and own.three is not None:
                cells.append(f"{100 * own.three:.1f}")
        rows.append(cells)
    return markdown(header, rows)


def _details(outcome: Outcome) -> str:
    rows = []
    for name, setting in outcome.rows():
        own = outcome.scores(setting)
        gain = outcome.against_softmax(setting)
        same = setting == outcome.best_softmax
        rows.append(
            (
                name,
                f"{setting.describe()}, lr {setting.lr:g}",
                measured(OBJECTIVE, float(own.mean()), float(own.std(ddof=1))),
                "–" if same else f"{rounded(100 * gain.mean, '+.1f')} ± {100 * gain.se:.1f}",
                "–"
                if same
                else " to ".join(rounded(100 * end, "+.1f") for end in (gain.low, gain.high)),
            )
        )
    header = ("", "setting", "MAP@R", "against softmax", "95 % interval")
    return f"### {outcome.task.dataset}\n\n{markdown(header, rows)}"


def _runs(outcomes: Sequence[Outcome], missing: Sequence[str]) -> str:
    runs = sum(each.measured.scores.size for each in outcomes)
    return (
        f"{len(outcomes)} tasks, {runs:,} runs; {model_name()}, {os.cpu_count()} cores, "
        f"PyTorch {torch.__version__}, float32."
        + (f" Not trained yet: {', '.join(missing)}." if missing else "")
    )


def _points(value: Estimate) -> str:
    return f"{100 * value.mean:.1f} ({100 * value.low:.1f} to {100 * value.high:.1f})"


def _ratio(part: float, whole: float) -> str:
    return f"{part / whole:.2f}" if whole > 0 else "–"


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
