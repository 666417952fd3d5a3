"""The context of a recommendation: the nearest known tasks, and all baselines."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, baselines
from sweeper.repository.best_known import best_measured
from sweeper.repository.recommendation.candidates import rows_of
from sweeper.repository.recommendation.expressible import is_expressible
from sweeper.repository.recommendation.query import Query
from sweeper.repository.recommendation.recommendation import Baseline, Neighbor
from sweeper.repository.surrogates.knowledge import Knowledge

#: Number of nearest tasks to report.
NEIGHBORS = 3


def nearest_tasks(query: Query) -> tuple[Neighbor, ...]:
    """Return the nearest tasks, for each data set the one with the most similar training.

    Those on the very data come first.
    """
    _, distance = query.knowledge.distances(query.place)
    ranked = query.knowledge.known.assign(distance=distance)
    ranked["other"] = ~ranked["id"].isin(query.own.same)
    # Rounding must not decide between equally distant tasks.
    ranked["rounded"] = ranked["distance"].round(9)
    ranked = ranked.sort_values(["other", "rounded", "id"]).drop_duplicates("dataset")
    return tuple(
        Neighbor(str(name), float(far), _best_on(query.knowledge, str(name)))
        for name, far in ranked[["id", "distance"]].head(NEIGHBORS).to_numpy()
    )


@lru_cache(maxsize=1024)
def _best_on(knowledge: Knowledge, task: str) -> Setting:
    """Return the best setting measured on a task."""
    gains = knowledge.gains
    return best_measured(gains[gains["task"] == task])


def named_settings(query: Query, nearest: Setting) -> dict[str, Setting]:
    """Return the baselines that the loss asked for can express, trained at the plan's rate.

    Those that need no data, the best constant and the nearest task's best. Plain softmax has the
    rate that is best for it.
    """
    plan, loss = query.plan, query.space.loss
    named = baselines(plan.num_classes, plan.embedding, plan.lr, query.weight_decay)
    if (constant := _best_constant(query)) is not None:
        named[BEST_CONSTANT] = constant
    named[NEAREST_TASK] = replace(nearest, lr=plan.lr, weight_decay=query.weight_decay)
    return {
        name: query.plain() if setting.loss == "softmax" else setting
        for name, setting in named.items()
        if is_expressible(setting, loss)
    }


def predicted(query: Query, named: Mapping[str, Setting]) -> tuple[Baseline, ...]:
    """Return baselines with their predictions; None if nothing similar was ever measured."""
    settings = list(named.values())
    near = query.space.near(rows_of(settings))
    return tuple(
        Baseline(name, setting, gain.mean if is_near or setting.loss == "softmax" else None)
        for name, setting, gain, is_near in zip(
            named, settings, query.gains(settings), near, strict=True
        )
    )


def _best_constant(query: Query) -> Setting | None:
    """Return the measured setting with the largest gain over all tasks, if any is measured.

    Plain softmax if none gains.
    """
    rows = query.space.known().assign(lr=query.plan.lr)
    if rows.empty:
        return None
    scenarios = query.knowledge.unrelated(rows)
    mean = scenarios.probability @ scenarios.gains
    return query.setting(rows.iloc[int(mean.argmax())]) if mean.max() > 0 else query.plain()
