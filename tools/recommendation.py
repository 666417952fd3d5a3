"""Fills the tables of docs/results/recommendation.md from the choices in db/repository.

``python -m tools.recommendation`` writes them between the page's markers, as
``sweeper fit`` shows them, with what the shipped measures say of terms;
``python benchmarks/transfer.py --format json > FILE`` and ``--transfer FILE`` add the rows of Syne
Tune.
"""

import argparse
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository.baselines import BEST_CONSTANT, FORMULAS, NEAREST_TASK, PLAIN_SOFTMAX
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.evaluation.methods import (
    DEFAULTS,
    FITTED_ADACOS,
    OURS,
    PORTFOLIO,
    RANDOM,
)
from sweeper.repository.evaluation.regret import SOURCES, TRIES
from sweeper.repository.objectives import regret_shown, shown
from sweeper.repository.sources import shipped, shipped_measures, stored_choice
from sweeper.repository.surrogates.knowledge import learned
from sweeper.repository.terms.evaluation import TermEvaluation, evaluate_terms
from tools.pages import fill

PAGE = Path(__file__).parents[1] / "docs" / "results" / "recommendation.md"
_ARCFACE, _COSFACE = "ArcFace (0.5, 64)", "CosFace (0.35, 64)"
_METHODS = (
    *(OURS, BEST_CONSTANT, PORTFOLIO, NEAREST_TASK, RANDOM, FITTED_ADACOS, *FORMULAS[:2]),
    *(DEFAULTS, _ARCFACE, _COSFACE, PLAIN_SOFTMAX),
)
_OF_REGIMES = (BEST_CONSTANT, PLAIN_SOFTMAX, _ARCFACE, FORMULAS[0])

_Summary = Mapping[str, Mapping[str, Any]]


def tables(choices: Mapping[str, Choice]) -> dict[str, str]:
    """Return the contents of the page's markers but ``transfer`` and ``terms``."""
    return {
        "state": _state(choices),
        "sources": _of_methods({o: choice.regrets[SOURCES] for o, choice in choices.items()}),
        "safety": _safety(choices),
        "regimes": "\n\n".join(_of_regimes(choice) for choice in choices.values()),
    }


def terms_table(choices: Mapping[str, Choice]) -> str:
    """Return the regrets of the λ of each term, on the shipped repository."""
    found = {objective: _terms(choice) for objective, choice in choices.items()}
    first = next(iter(found.values()))
    rows = []
    for key, evaluation in first.items():
        name = f"{evaluation.loss} + {evaluation.term}"
        for way in evaluation.regrets:
            cells = []
            for objective, terms in found.items():
                mean = terms[key].regrets[way] if key in terms else None
                cells.append("" if mean is None else _with_error(objective, mean.mean, mean.se))
            rows.append([name, way, *cells])
    return _table(["", "", *found], rows)


def _terms(choice: Choice) -> dict[tuple[str, str], TermEvaluation]:
    knowledge = learned(shipped(), choice.objective, choice.smooth, choice.share)
    terms = evaluate_terms(knowledge, shipped_measures(), choice.objective)
    return {(each.loss, each.term): each for each in terms}


def transfer_table(found: Mapping[str, _Summary]) -> str:
    """Return the rows of what ``benchmarks/transfer.py`` prints as JSON."""
    return _of_methods(found, tuple(next(iter(found.values()))))


def _state(choices: Mapping[str, Choice]) -> str:
    sizes = (f"{c.tasks} tasks of {c.sources} sources for {o}" for o, c in choices.items())
    return f"{', '.join(sizes)}."


def _of_methods(found: Mapping[str, _Summary], methods: Sequence[str] = _METHODS) -> str:
    header = [f"{o}, {k}" if k == 1 else str(k) for o in found for k in TRIES]
    rows = (
        [name, *(cell for o, summary in found.items() for cell in _cells(o, summary[name]))]
        for name in methods
    )
    return _table(["tries", *header], rows)


def _cells(objective: str, row: Mapping[str, Any]) -> list[str]:
    pairs = zip(row["regret"], row["se"], strict=True)
    return [_with_error(objective, regret, se) for regret, se in pairs]


def _with_error(objective: str, regret: float, se: float) -> str:
    if regret is None or math.isnan(regret):
        return ""
    return " ± ".join(regret_shown(objective, each).partition(" ")[0] for each in (regret, se))


def _safety(choices: Mapping[str, Choice]) -> str:
    rows = []
    for name in next(iter(choices.values())).worse:
        for kind, words in (("all", "of all tasks"), ("surely", "surely, beyond the seeds' noise")):
            shares = (f"{100 * choice.worse[name][kind]:.0f} %" for choice in choices.values())
            rows.append([f"more than a point (percent) worse than {name}: {words}", *shares])
    coverage = (c.coverage for c in choices.values())
    covered = (f"{100 * each['mean']:.0f} ± {100 * each['se']:.0f} %" for each in coverage)
    rows.append(["held-out gains within the 90 % interval, ± error over sources", *covered])
    widths = (shown(o, choice.width).lstrip("+") for o, choice in choices.items())
    rows.append(["median width of these intervals", *widths])
    return _table(["", *choices], rows)


def _of_regimes(choice: Choice) -> str:
    objective, rows = choice.objective, []
    for name, sizes in choice.schemes.items():
        if name == SOURCES or "missing" in sizes:
            continue
        summary = choice.regrets[name]
        cells = [f"{sizes['tasks']} of {sizes['sources']}", *_cells(objective, summary[OURS])]
        others = [(PORTFOLIO, 1), (RANDOM, 1), *((other, 0) for other in _OF_REGIMES)]
        for other, k in others:
            cells.append(_cells(objective, summary[other])[k])
        rows.append([name, *cells])
    missing = (n for n, sizes in choice.schemes.items() if "missing" in sizes)
    absent = f"Too little to evaluate, for {objective}: {'; '.join(missing) or 'none'}."
    header = ["tasks of sources", *(f"ours, {k}" for k in TRIES), "portfolio, 3", "random, 3"]
    table = _table([objective, *header, *_OF_REGIMES], rows)
    return f"{table}\n\n{absent}" if rows else absent


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shipped_choices() -> dict[str, Choice]:
    """Return the choice of each objective that is shipped."""
    stored = {objective: stored_choice(objective, None) for objective in OBJECTIVES}
    return {objective: choice for objective, choice in stored.items() if choice is not None}


def refresh(transfer: Path | None = None) -> None:
    """Fill the tables of the page.

    Args:
        transfer: what ``benchmarks/transfer.py`` prints as JSON; its table stays as it is if None.
    """
    choices = shipped_choices()
    contents = {**tables(choices), "terms": terms_table(choices)}
    if transfer is not None:
        contents["transfer"] = transfer_table(json.loads(transfer.read_text(encoding="utf-8")))
    fill(PAGE, contents)


def main() -> None:
    """Fill the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfer", type=Path, help="what benchmarks/transfer.py prints as JSON")
    options = parser.parse_args()
    refresh(options.transfer)


if __name__ == "__main__":
    main()
