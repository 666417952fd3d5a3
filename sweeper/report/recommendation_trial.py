"""A recommendation, its shortlist and the baselines: predicted gains and test results."""

import math
import statistics

from sweeper.console import count
from sweeper.registry.setting import Setting
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.report.tables import print_line, print_table
from sweeper.report.text import measured
from sweeper.repository.baselines import PLAIN_SOFTMAX
from sweeper.repository.objectives import score_of, shown
from sweeper.repository.recommendation.beside import without_terms
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.store import is_retryable


def print_tried(recommendation: Recommendation, outcome: StudyResults) -> None:
    """Print one line per setting: the recommended one, the rest of the shortlist, the baselines."""
    objective = recommendation.objective
    rows = {row.record.setting: row for row in outcome.trials}
    plain = next(
        (rows.get(b.setting) for b in recommendation.baselines if b.name == PLAIN_SOFTMAX), None
    )
    named: list[tuple[str, Setting, float | None]]
    named = [("recommended", recommendation.setting, recommendation.gain.mean)]
    named += [
        (f"shortlist, {place}.", each.setting, None)
        for place, each in enumerate(recommendation.shortlist[1:], 2)
    ]
    if recommendation.setting.terms:
        alone = without_terms(recommendation.setting)
        gain = recommendation.gain.mean - sum(each.gain.mean for each in recommendation.terms)
        named.append(("without the term", alone, gain))
    named += [(b.name, b.setting, b.predicted) for b in recommendation.baselines]
    several = len({setting.lr for _, setting, _ in named}) > 1
    header = ("", "setting", "measured", recommendation.gains_called, "gain")
    print_table(
        header,
        [
            (
                name,
                setting.describe() + (f", lr {setting.lr:g}" if several else ""),
                _measured(objective, rows.get(setting)),
                "–" if predicted is None else shown(objective, predicted),
                _gain(objective, rows.get(setting), plain),
            )
            for name, setting, predicted in named
        ],
        numbers=header[2:],
    )
    if not any(row.record.state == "complete" for row in rows.values()):
        return
    seeds = count(outcome.spec.seeds, "seed")
    print_line(
        f"{objective} on test data, mean ± standard deviation of {seeds}; gain over plain softmax: "
        "mean of the differences seed by seed ± standard error; nothing is selected on these data"
    )


def _measured(objective: str, row: ResultRow | None) -> str:
    if row is None or row.record.state != "complete":
        return "–" if row is None else _unfinished(row)
    return measured(objective, row.values[objective], row.spread[objective])


def _unfinished(row: ResultRow) -> str:
    cause = row.record.cause
    return "not finished" if is_retryable(cause) else cause or row.record.state


def _gain(objective: str, row: ResultRow | None, plain: ResultRow | None) -> str:
    """Format the gain over plain softmax, paired by seed: a seed fixes start and batches."""
    ours, theirs = _scores(objective, row), _scores(objective, plain)
    gains = [ours[seed] - theirs[seed] for seed in ours.keys() & theirs.keys()]
    if row is plain or not gains:
        return "–"
    error = statistics.stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else math.nan
    text = shown(objective, statistics.fmean(gains))
    return text if math.isnan(error) else f"{text} ± {shown(objective, error).lstrip('+')}"


def _scores(objective: str, row: ResultRow | None) -> dict[int, float]:
    if row is None:
        return {}
    return {
        seed.seed: score_of(objective, seed.values[objective])
        for seed in row.record.seeds
        if objective in seed.values
    }
