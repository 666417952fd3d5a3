"""What a recommendation does not cover, one sentence each."""

from sweeper.console import count
from sweeper.models.net_name import ON_FROZEN
from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.objectives import shown
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.query import Query
from sweeper.repository.recommendation.term_advice import TermAdvice
from sweeper.repository.task_plans import start_of

#: So far beyond the measured range, by this factor, a number of the plan is not worth a word.
_NEAR = 1.5

#: The share of tasks that are new or gone from which on choosing the predictor again is worth it.
_NEW = 0.1

#: How the numbers of a plan are called in a sentence.
_CALLED = {
    "samples": "samples seen",
    "per_class": "images per class",
    "num_classes": "classes",
    "batch_size": "images per batch",
    "embedding": "dimensions of the embedding",
}


def stale(choice: Choice, tasks: int) -> tuple[str, ...]:
    """Return a note if the surrogate was chosen when far fewer or more tasks were known.

    One search more hardly changes which is best, and would bring the note with every answer.

    Args:
        choice: the surrogate.
        tasks: how many have results of its objective now.
    """
    if abs(tasks - choice.tasks) <= _NEW * choice.tasks:
        return ()
    return (
        f"the predictor was chosen when {choice.tasks} tasks were known, and now there are "
        f"{tasks}: `sweeper fit` chooses again, in about a minute",
    )


def not_covered(query: Query) -> tuple[str, ...]:
    """Return notes on what of a task and its plan the repository does not cover."""
    context, plan, notes = query.knowledge.context, query.plan, []
    regime = context.regime
    if plan.net not in regime.nets:
        notes.append(f"the net {plan.net!r} is new to the repository: predicted as for others")
    if odd := context.never_varied(query.task):
        notes.append(f"the data set differs in {', '.join(odd)}, where all known ones are alike")
    rates = query.knowledge.gains["lr"]
    ranges = {**regime.ranges, "lr": (float(rates.min()), float(rates.max()))}
    beyond = [_beyond(name, float(getattr(plan, name)), *ends) for name, ends in ranges.items()]
    if any(beyond):
        notes.append(f"beyond what was measured: {', '.join(filter(None, beyond))}")
    return tuple(notes)


def too_far(query: Query, distance: float) -> str:
    """Return why a task is too far from all that is known.

    Args:
        query: the query.
        distance: that of the nearest task.
    """
    start, known = query.plan.start, query.knowledge.known
    if start not in set(known["start"]):
        return f"no net with the start {start} was measured"
    if not query.rate_is_near:
        low, high = query.measured_rates
        return (
            f"a learning rate of {query.plan.lr:g} is far from all that was measured, "
            f"{low:g} to {high:g}, with Adam"
        )
    own, _ = query.knowledge.distances(query.place)
    nearest, limits = float(own.min()), query.knowledge.limits()
    if nearest > limits[0]:
        return (
            "trained unlike anything known: the nearest task is at distance "
            f"{nearest:.2f} by its training, predictions hold up to {limits[0]:.2f}"
        )
    return (
        f"too far from anything known: the nearest task is at distance {distance:.2f}, "
        f"predictions hold up to {limits[1]:.2f}"
    )


def not_predicted(query: Query) -> str:
    """Return what an answer is that is no prediction."""
    start = query.plan.start
    chosen = query.knowledge.of_start(start)
    tasks = count(int(chosen.sum()), "known task")
    which = f"all {tasks}" if chosen.all() else f"the {tasks} with the start {start}"
    return (
        f"no prediction: what is recommended has the smallest regret over {which}, whatever else "
        "they are like; gains are means over these, and the interval is the one seen over their "
        "sources"
    )


def unknown_term(advice: TermAdvice) -> str:
    """Return why what is said of a term is no prediction."""
    if advice.measured is None:
        return f"{advice.term}: measured on too few sources beside {advice.loss} to say anything"
    return (
        f"{advice.term}: you train unlike all that it was measured on, so no prediction: λ is what "
        f"was safest over the {advice.tasks} tasks, and the interval is theirs"
    )


def softmax_is_best(query: Query, objective: str, best: Setting | None) -> str:
    """Return why plain softmax is recommended where another loss was asked for.

    Args:
        query: about the loss that was asked for.
        objective: that is predicted.
        best: the setting of that loss of which most is expected; None where nothing is known of it.
    """
    if query.space.known().empty or best is None:
        return f"no setting of {query.space.loss} was ever measured, nor one near it"
    return (
        "plain softmax is itself the best: no margin or scale is expected to gain over it; most "
        f"is expected of {best.describe()} with lr {best.lr:g}, "
        f"{shown(objective, query.gain(best).mean)}"
    )


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
    asked = f"lr {_shown(value)}" if name == "lr" else f"{_shown(value)} {_CALLED[name]}"
    return f"{asked} (known tasks have {measured})"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
