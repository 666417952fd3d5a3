"""What a recommendation does not cover, one sentence each."""

import pandas as pd

from sweeper.models.net_name import ON_FROZEN
from sweeper.repository.evaluation.selection import Choice
from sweeper.repository.plan import Plan
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.design_matrix import Design
from sweeper.repository.task_plans import start_of

#: So far beyond the measured range, by this factor, a number of the plan is not worth a word.
_NEAR = 1.5

#: How the numbers of a plan are called in a sentence.
_CALLED = {
    "samples": "samples seen",
    "per_class": "images per class",
    "num_classes": "classes",
    "batch_size": "images per batch",
    "embedding": "dimensions",
}


def stale(choice: Choice, repository: Repository) -> tuple[str, ...]:
    """Return a note if the surrogate was chosen on another state of the repository."""
    if choice.digest == repository.digest:
        return ()
    return (
        f"the predictor was chosen on {choice.tasks} tasks, since when more is known: "
        "`sweeper fit` chooses anew",
    )


def not_covered(design: Design, task: pd.DataFrame, plan: Plan) -> tuple[str, ...]:
    """Return notes on what of a task and its plan the repository does not cover.

    Args:
        design: the design of the known tasks.
        task: the queried one, one row.
        plan: how it is going to be trained on.
    """
    regime, notes = design.regime, []
    if plan.net not in regime.nets:
        notes.append(f"the net {plan.net!r} is new to the repository: predicted as for others")
    if plan.start not in regime.starts:
        notes.append(f"no net with the start {plan.start} was measured: predicted as for others")
    if odd := design.never_varied(task):
        notes.append(f"the data set differs in {', '.join(odd)}, where all known ones are alike")
    beyond = [
        _beyond(name, float(getattr(plan, name)), *ends) for name, ends in regime.ranges.items()
    ]
    if any(beyond):
        notes.append(f"beyond what was measured: {', '.join(filter(None, beyond))}")
    return tuple(notes)


def of_plan(plan: Plan, is_images: bool) -> tuple[str, ...]:
    """Return notes on what a plan cannot have or the answer cannot know, whatever was measured.

    Args:
        plan: how somebody trains.
        is_images: whether the data are images, not ready embeddings.
    """
    notes = []
    if is_images and plan.start == "frozen" and start_of(plan.net, False) != "frozen":
        notes.append(
            "predicted from the images, not from the frozen body's features: name it, as in "
            f"--net '{ON_FROZEN}', or give the features as an .npz"
        )
    if plan.per_class < 2:
        most = "each has" if plan.per_class == 1 else "most have"
        notes.append(
            f"{plan.num_train:,} images of {plan.num_classes:,} classes: {most} a single one, so "
            "that nothing tells how far a class spreads"
        )
    return tuple(notes)


def _beyond(name: str, value: float, low: float, high: float) -> str:
    """Return what is measured of a number, where a value is well beyond it; else nothing."""
    if low / _NEAR <= value <= high * _NEAR:
        return ""
    measured = _shown(low) if low == high else f"{_shown(low)} to {_shown(high)}"
    if name == "lr":
        return f"lr {_shown(value)} ({measured})"
    return f"{_shown(value)} {_CALLED[name]} ({measured})"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
