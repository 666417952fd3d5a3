"""Syne Tune's transfer schedulers as samplers, see the group `benchmarks` of pyproject.toml.

``ZeroShotTransfer`` (Wistuba et al. 2015) goes through the settings of other tasks, those first
that together are best there. ``BoundingBox`` (Perrone et al. 2019) searches at random, as in its
example, in the box around the best setting of each task. Both know the gains of other sources'
settings as ours does, `Known.gains_elsewhere`.
"""

import contextlib
import io
import logging
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from tools.replay.known import Known

ZERO_SHOT, BOX = "Syne Tune, ZeroShotTransfer", "Syne Tune, BoundingBox"

_COLUMNS = ["m1", "m2", "m3", "log_scale"]


class _SchedulerSampler(BaseSampler):
    """Asks a scheduler, and at random once that has nothing left."""

    def __init__(self, known: Known, seed: int) -> None:
        self._known, self._seed = known, seed
        self._random = RandomSampler(seed=seed)
        self._scheduler: Any = None

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return no parameter: the scheduler has its own space."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return what the scheduler suggests."""
        if self._scheduler is None:
            logging.getLogger("syne_tune").setLevel(logging.ERROR)
            with contextlib.redirect_stdout(io.StringIO()):
                self._scheduler = self.make(*_evaluations(self._known))
        config = self.suggested()
        if config is None:
            return {}
        return {name: config[name] for name in ("m1", "m2", "m3")} | {
            "scale": float(np.exp(config["log_scale"]))
        }

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, distribution: BaseDistribution
    ) -> Any:
        """Return a random value."""
        return self._random.sample_independent(study, trial, param_name, distribution)

    def make(self, space: dict[str, Any], evaluations: dict[str, Any]) -> Any:
        """Return the scheduler."""
        raise NotImplementedError

    def suggested(self) -> dict[str, float] | None:
        """Return what the scheduler suggests, if anything."""
        raise NotImplementedError


class ZeroShotSampler(_SchedulerSampler):
    """``ZeroShotTransfer``, over the settings that other sources' tasks were measured with."""

    def make(self, space: dict[str, Any], evaluations: dict[str, Any]) -> Any:
        """Return the scheduler."""
        from syne_tune.optimizer.schedulers.transfer_learning.zero_shot import ZeroShotTransfer

        return ZeroShotTransfer(
            space,
            "gain",
            evaluations,
            do_minimize=False,
            sort_transfer_learning_evaluations=False,
            random_seed=self._seed,
        )

    def suggested(self) -> dict[str, float] | None:
        """Return the next of the settings."""
        config: dict[str, float] | None = self._scheduler.get_config()
        return config


class BoundingBoxSampler(_SchedulerSampler):
    """``BoundingBox`` around random search."""

    def make(self, space: dict[str, Any], evaluations: dict[str, Any]) -> Any:
        """Return the scheduler."""
        from syne_tune.optimizer.baselines import RandomSearch
        from syne_tune.optimizer.schedulers.transfer_learning.bounding_box import BoundingBox

        return BoundingBox(
            lambda box, metric, minimize, seed: RandomSearch(
                box, metrics=[metric], do_minimize=minimize, random_seed=seed
            ),
            space,
            "gain",
            evaluations,
            do_minimize=False,
            random_seed=self._seed,
        )

    def suggested(self) -> dict[str, float] | None:
        """Return a point of the box."""
        config: dict[str, float] = self._scheduler.suggest().config
        return config


def _evaluations(known: Known) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the space of the settings, and what each task gained with them."""
    from syne_tune.config_space import uniform
    from syne_tune.optimizer.schedulers.transfer_learning.transfer_learning_task_evaluation import (
        TransferLearningTaskEvaluations,
    )

    settings = known.elsewhere.assign(log_scale=np.log(known.elsewhere["scale"]))[_COLUMNS]
    # A margin that all tasks lack is no range; their ends are within it by rounding.
    ends = {name: (float(settings[name].min()), float(settings[name].max())) for name in _COLUMNS}
    space = {name: uniform(low - 1e-6, high + 1e-6) for name, (low, high) in ends.items()}
    evaluations = {
        f"task {number}": TransferLearningTaskEvaluations(
            space, settings.copy(), ["gain"], own[:, None, None, None]
        )
        for number, own in enumerate(known.gains_elsewhere)
    }
    return space, evaluations
