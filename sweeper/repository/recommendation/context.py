"""The context of a recommendation: the nearest known tasks, and all baselines."""

from dataclasses import replace

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, PLAIN_SOFTMAX, baselines
from sweeper.repository.best_known import best_measured
from sweeper.repository.recommendation.query import RecommendationQuery, row_of
from sweeper.repository.recommendation.recommendation import Baseline, Neighbor

#: Number of nearest tasks to report.
NEIGHBORS = 3


def nearest_tasks(query: RecommendationQuery) -> tuple[Neighbor, ...]:
    """Return the nearest tasks, for each data set the one with the most similar training."""
    ranked = query.predictor.known.nearest(query.task).drop_duplicates("dataset")
    gains = query.predictor.gains
    return tuple(
        Neighbor(str(name), float(distance), best_measured(gains[gains["task"] == name]))
        for name, distance in ranked[["id", "distance"]].head(NEIGHBORS).to_numpy()
    )


def all_baselines(query: RecommendationQuery, nearest: Setting) -> tuple[Baseline, ...]:
    """Return all baselines: those that need no data, best constant, and the nearest task's best.

    The prediction is None if nothing similar was ever measured.
    """
    task = query.task.iloc[0]
    lr, weight_decay = query.lr, query.weight_decay
    named = baselines(int(task["num_classes"]), int(task["embedding"]), lr, weight_decay)
    named[BEST_CONSTANT] = _best_constant(query) or named[PLAIN_SOFTMAX]
    named[NEAREST_TASK] = replace(nearest, lr=lr, weight_decay=weight_decay)
    return tuple(
        Baseline(name, setting, query.gain(setting).mean if _measured(query, setting) else None)
        for name, setting in named.items()
    )


def _best_constant(query: RecommendationQuery) -> Setting | None:
    """Return the measured setting with the largest gain over all tasks, or None if none gains."""
    rows = query.space.known()
    if rows.empty:
        return None
    mean, _ = query.predict(rows, constant=True)
    return query.setting(rows.iloc[int(mean.argmax())]) if mean.max() > 0 else None


def _measured(query: RecommendationQuery, setting: Setting) -> bool:
    return setting.loss == "softmax" or bool(query.space.near(row_of(setting))[0])
