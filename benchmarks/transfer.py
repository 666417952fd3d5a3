"""Compares recommendations with Syne Tune's transfer methods on the stored repository.

``ZeroShotTransfer`` (Wistuba et al. 2015) and ``BoundingBox`` (Perrone et al. 2019, with random
search in the box) know the other sources' results, as ours does, and choose among the settings that
were measured on the held-out task; everything is scored as by ``sweeper fit``. Run it from the
checkout:

    pip install --group benchmarks
    python benchmarks/transfer.py [--format json]
"""

import argparse
import contextlib
import io
import json
import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sweeper.console import say
from sweeper.registry.objectives import OBJECTIVES
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.evaluation.methods import OURS
from sweeper.repository.evaluation.paired_tests import by_source, mean_over_sources
from sweeper.repository.evaluation.regret import SOURCES, TRIES, evaluate, held_out_tasks
from sweeper.repository.objectives import regret_shown
from sweeper.repository.sources import shipped
from sweeper.repository.surrogates.coordinates import FloatArray, points_of
from sweeper.repository.surrogates.knowledge import Knowledge, learned

ZERO_SHOT, BOX = "Syne Tune, ZeroShotTransfer", "Syne Tune, BoundingBox"

#: Random searches in the box that are averaged.
REPEATS = 20

_COLUMNS = ["m1", "m2", "m3", "log_scale"]

#: Stands for plain softmax among the settings, at a scale that no design has.
_PLAIN = {"m1": 1.0, "m2": 0.0, "m3": 0.0, "log_scale": 0.0}


def main() -> None:
    """Print the regrets of every objective."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--format", choices=("table", "json"), default="table")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    found = {objective: compared(objective) for objective in OBJECTIVES}
    if options.format == "json":
        print(json.dumps(found, indent=2))
        return
    for objective, rows in found.items():
        for name, row in rows.items():
            pairs = zip(TRIES, row["regret"], row["se"], strict=True)
            regrets = (
                f"{regret_shown(objective, mean).partition(' ')[0]} ± {regret_shown(objective, se)}"
                for _, mean, se in pairs
            )
            tries = ", ".join(map(str, TRIES))
            say(f"{objective}, {name}: {'; '.join(regrets)} after {tries} tries")


def compared(objective: str) -> dict[str, dict[str, list[float]]]:
    """Return the mean regrets over sources after each number of tries, ours among them."""
    repository = shipped()
    knowledge = learned(repository, objective)
    summary = evaluate(repository, objective).choice.regrets[SOURCES]
    rows = {OURS: {name: summary[OURS][name] for name in ("regret", "se")}}
    source = knowledge.responses.source
    held = held_out_tasks(knowledge)
    usable = [number for number, each in enumerate(held) if each is not None]
    regrets: dict[str, list[list[float]]] = {ZERO_SHOT: [], BOX: []}
    for number in usable:
        each = held[number]
        assert each is not None  # it is usable
        others = knowledge.without(source == source[number])
        for name, tries in ((ZERO_SHOT, zero_shot(others, each)), (BOX, box(others, each))):
            repeats = [[each.regret(tried[:k]) for k in TRIES] for tried in tries]
            regrets[name].append(np.mean(repeats, axis=0).tolist())
    for name, values in regrets.items():
        means = by_source(np.array(values).T, source[usable].astype(float))
        each_mean = [mean_over_sources(own) for own in means]
        rows[name] = {"regret": [m.mean for m in each_mean], "se": [m.se for m in each_mean]}
    return rows


def zero_shot(knowledge: Knowledge, held: HeldOut) -> Iterator[list[int]]:
    """Yield the positions that ZeroShotTransfer tries, in order."""
    from syne_tune.optimizer.schedulers.transfer_learning.zero_shot import ZeroShotTransfer

    settings = pd.concat([_settings(held), pd.DataFrame([_PLAIN])], ignore_index=True)
    gains = knowledge.unrelated(held.settings).gains
    gains = np.hstack([gains, np.zeros((len(gains), 1))])
    scheduler = ZeroShotTransfer(
        _space(settings),
        "gain",
        _evaluations(settings, gains),
        do_minimize=False,
        sort_transfer_learning_evaluations=False,
        random_seed=0,
    )
    tried = [_position(settings, scheduler.get_config()) for _ in range(max(TRIES))]
    yield tried


def box(knowledge: Knowledge, held: HeldOut) -> Iterator[list[int]]:
    """Yield the positions nearest to random settings in BoundingBox's box."""
    from syne_tune.optimizer.baselines import RandomSearch
    from syne_tune.optimizer.schedulers.transfer_learning.bounding_box import BoundingBox

    settings = _settings(held)
    known = _evaluations(settings, knowledge.unrelated(held.settings).gains)
    for seed in range(REPEATS):
        with contextlib.redirect_stdout(io.StringIO()):
            scheduler = BoundingBox(
                lambda space, metric, minimize, chosen: RandomSearch(
                    space, metrics=[metric], do_minimize=minimize, random_seed=chosen
                ),
                _space(settings),
                "gain",
                known,
                do_minimize=False,
                random_seed=seed,
            )
        yield [_position(settings, scheduler.suggest().config) for _ in range(max(TRIES))]


def _settings(held: HeldOut) -> pd.DataFrame:
    settings = held.settings.assign(log_scale=np.log(held.settings["scale"]))
    return settings[_COLUMNS].reset_index(drop=True)


def _space(settings: pd.DataFrame) -> dict[str, object]:
    from syne_tune.config_space import uniform

    return {
        name: uniform(float(settings[name].min()) - 1e-6, float(settings[name].max()) + 1e-6)
        for name in _COLUMNS
    }


def _evaluations(settings: pd.DataFrame, gains: FloatArray) -> dict[str, object]:
    from syne_tune.optimizer.schedulers.transfer_learning.transfer_learning_task_evaluation import (
        TransferLearningTaskEvaluations,
    )

    return {
        f"task {number}": TransferLearningTaskEvaluations(
            _space(settings), settings.copy(), ["gain"], own[:, None, None, None]
        )
        for number, own in enumerate(gains)
    }


def _position(settings: pd.DataFrame, config: dict[str, float]) -> int:
    """Return the position of the setting nearest to one that was suggested."""
    rows = pd.concat([settings, pd.DataFrame([config])[_COLUMNS]], ignore_index=True)
    points = points_of(rows.assign(scale=np.exp(rows["log_scale"])))
    return int(((points[:-1] - points[-1]) ** 2).sum(1).argmin())


if __name__ == "__main__":
    main()
