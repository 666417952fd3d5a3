"""What stands beside a recommendation: the nearest known tasks, and every baseline."""

from dataclasses import replace

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import BEST_CONSTANT, NEAREST_TASK, PLAIN_SOFTMAX, baselines
from sweeper.repository.best_known import best_measured
from sweeper.repository.recommendation.query import RecommendationQuery, row_of
from sweeper.repository.recommendation.recommendation import Baseline, Neighbor

#: How many of the nearest tasks are named.
NEIGHBORS = 3


def nearest_tasks(question: RecommendationQuery) -> tuple[Neighbor, ...]:
    """Return the nearest tasks, of each data set the one that was trained most alike."""
    ranked = question.predictor.known.nearest(question.task).drop_duplicates("dataset")
    gains = question.predictor.gains
    return tuple(
        Neighbor(str(name), float(distance), best_measured(gains[gains["task"] == name]))
        for name, distance in ranked[["id", "distance"]].head(NEIGHBORS).to_numpy()
    )


def all_baselines(question: RecommendationQuery, nearest: Setting) -> tuple[Baseline, ...]:
    """Return every baseline: those that need no data, best constant, and the nearest task's best.

    None is predicted where nothing like it was ever measured.
    """
    task = question.task.iloc[0]
    lr, weight_decay = question.lr, question.weight_decay
    named = baselines(int(task["num_classes"]), int(task["embedding"]), lr, weight_decay)
    named[BEST_CONSTANT] = _best_constant(question) or named[PLAIN_SOFTMAX]
    named[NEAREST_TASK] = replace(nearest, lr=lr, weight_decay=weight_decay)
    return tuple(
        Baseline(
            name, setting, question.gain(setting).mean if _measured(question, setting) else None
        )
        for name, setting in named.items()
    )


def _best_constant(question: RecommendationQuery) -> Setting | None:
    """Return the measured setting that gains most over all tasks, None where none gains."""
    rows = question.space.known()
    if rows.empty:
        return None
    mean, _ = question.predict(rows, constant=True)
    return question.setting(rows.iloc[int(mean.argmax())]) if mean.max() > 0 else None


def _measured(question: RecommendationQuery, setting: Setting) -> bool:
    return setting.loss == "softmax" or bool(question.space.near(row_of(setting))[0])
