"""The studies of a database, and those that come with the program."""

from sweeper.report.tables import print_line, print_table
from sweeper.search.resolve import builtin_studies, builtin_study
from sweeper.search.study_file import StudySpec
from sweeper.store import StudySummary


def print_stored(summaries: list[StudySummary]) -> None:
    """Print the studies of a database with their trials by state."""
    if not summaries:
        print_line("no studies in this database yet; `sweeper run digits` makes one")
        return
    states = ("complete", "pruned", "failed", "lost")
    print_table(
        ("study", "kind", "data set", "budget", *states, "running"),
        (
            (
                summary.study.name,
                summary.study.kind,
                summary.study.task.dataset.name,
                str(summary.study.n_trials),
                *(str(summary.states[state]) for state in states),
                str(summary.live),
            )
            for summary in summaries
        ),
        numbers=("budget", *states, "running"),
    )


def print_builtin() -> None:
    """Print the study files that come with the program."""
    print_line("\nbuilt-in studies, for `sweeper run STUDY`:")
    print_table(
        ("study", "kind", "data set", "what"),
        ((name, *_described(builtin_study(name))) for name in builtin_studies()),
    )


def _described(spec: StudySpec) -> tuple[str, str, str]:
    searched = ", ".join(spec.space) if spec.space else f"{spec.n_trials} settings"
    return spec.kind, spec.dataset, f"{searched} of {spec.loss} by {', '.join(spec.objectives)}"
