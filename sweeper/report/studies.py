"""Tables of the studies in a database and of the built-in studies."""

from dataclasses import astuple, dataclass

from sweeper.errors import SweeperError
from sweeper.registry.controls import control_loss
from sweeper.report.confirmed import mark
from sweeper.report.study_results import ResultRow, StudyResults
from sweeper.report.tables import print_line, print_table
from sweeper.report.text import measured
from sweeper.store import Database, StudySummary, list_studies
from sweeper.study.resolve import builtin_studies, builtin_study
from sweeper.study.study_file import StudySpec


def print_stored(database: Database) -> None:
    """Print the studies of a database with their progress, the best trial and the controls."""
    summaries = list_studies(database)
    if not summaries:
        print_line(
            "no studies in this database yet; create one with, for example, `sweeper run digits`"
        )
        return
    print_table(
        ("study", "objective", "trials", "softmax", "paper's default", "best", "with", "confirmed"),
        [(summary.study.name, *astuple(StudyLine.of(database, summary))) for summary in summaries],
        numbers=("trials", "softmax", "paper's default", "best"),
    )


@dataclass(frozen=True)
class StudyLine:
    """A study as lists show it: progress, and figures in its first objective."""

    objectives: str = ""
    trials: str = ""
    softmax: str = ""
    default: str = ""
    best: str = ""
    setting: str = ""
    confirmed: str = ""

    @classmethod
    def of(cls, database: Database, summary: StudySummary) -> "StudyLine":
        """Return the line of a study, or the reason, as its setting, if it cannot be read."""
        study = summary.study
        try:
            objectives = StudySpec.from_json(study.spec).objectives
        except SweeperError:
            why = f"written by another version of sweeper ({study.code_version})"
            return cls(trials=_trials(summary), setting=why)
        outcome = StudyResults.load(database, study, values_alone=True)
        figures = _figures(outcome)
        confirmed = mark(outcome.confirmation, objectives[0])
        return cls(", ".join(objectives), _trials(summary), *figures, confirmed)


def _trials(summary: StudySummary) -> str:
    """Format the number of finished trials, and the others by state or cause of failure."""
    others = {"pruned": summary.states["pruned"], **summary.causes}
    others |= {"running": summary.live, "queued": summary.queued}
    plain = [f"{number} {what}" for what, number in others.items() if number]
    plain += [summary.study.state] if summary.study.state != "active" else []
    done = f"{summary.counted}/{summary.study.n_trials}"
    return f"{done} ({', '.join(plain)})" if plain else done


def _figures(outcome: StudyResults) -> tuple[str, str, str, str]:
    """Format plain softmax, the paper's default and the best trial in the first objective."""
    controls = {control_loss(row.label): row for row in outcome.controls}
    default = [row for name, row in controls.items() if name != "softmax"]
    if len(outcome.best) != 1:
        front = f"{len(outcome.best)} on the Pareto front" if outcome.best else ""
        return _figure(outcome, controls.get("softmax")), _figure(outcome, *default), "", front
    (best,) = outcome.best
    return (
        _figure(outcome, controls.get("softmax")),
        _figure(outcome, *default),
        _figure(outcome, best),
        best.record.setting.describe(),
    )


def _figure(outcome: StudyResults, *rows: ResultRow | None) -> str:
    row = next(iter(rows), None)
    if row is None:
        return "–"
    objective = outcome.spec.objectives[0]
    value = measured(objective, row.values[objective], row.spread[objective])
    if row.record.control is None or control_loss(row.label) == "softmax":
        return value
    return f"{control_loss(row.label)} {value}"


def print_builtin() -> None:
    """Print the built-in study files."""
    print_line("\nbuilt-in studies, to start with `sweeper run STUDY`:")
    print_table(
        ("study", "kind", "data set", "description"),
        ((name, *_description(builtin_study(name))) for name in builtin_studies()),
    )


def _description(spec: StudySpec) -> tuple[str, str, str]:
    losses = dict.fromkeys(setting.loss for setting in spec.settings_list()) or [spec.loss]
    what = ", ".join(spec.space) if spec.space else f"{spec.n_trials} settings"
    by = ", ".join(spec.objectives)
    return spec.kind, spec.dataset, f"{what} of {', '.join(losses)}, by {by}"
