"""Trains pools of settings to their ends, replays pruners on their curves, and fills the page.

``python -m tools.racing`` writes the table of docs/results/search.md; five minutes on one core. No
pruner sees more of a curve than it would in a study.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import torch
from optuna.trial import TrialState
from scipy.stats import qmc, spearmanr
from sklearn.datasets import load_digits

from sweeper.registry.pruners import PRUNERS
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.study.pruners.make import make_pruner
from sweeper.study.space.default_space import default_space
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from sweeper.study.trial_attributes import at_end, at_rungs
from sweeper.training import TrainerGroup
from tools.pages import fill, markdown
from tools.replay.page import PAGE
from tools.replay.searches import AT_ONCE

#: Pools by name: net, settings, settings trained at once, and learning rate. Data: `_data`.
POOLS = {
    "head on the pixels of digits": ("head", 40, 40, 3e-3),
    "compact on digits": ("compact", 16, 8, 1e-3),
}

EPOCHS, SEEDS = 16, 4

#: Orders in which a pool is searched.
DRAWS = 20

#: What two means may differ by that are the same.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Replayed:
    """One search: its share of the whole training, whether the best was dropped, and the regret."""

    trained: float
    dropped: bool
    regret: float


def train_pool(net: str, number: int, at_once: int, lr: float) -> FloatArray:
    """Return the accuracy ``[K, E, R]`` of settings all over the space, after each epoch."""
    with tempfile.TemporaryDirectory() as folder:
        content: dict[str, Any] = {"name": "pool", "dataset": _data(net, Path(folder)), "net": net}
        content |= {"loss": "combined", "space": default_space("combined"), "fixed": {"lr": lr}}
        content |= {"epochs": EPOCHS, "seeds": SEEDS, "batch_size": 64, "precision": "float32"}
        task = Task.load(StudySpec.from_content(content, "pool"))
    spec, data = task.spec, task.training_data(torch.device("cpu"))
    shares = qmc.Sobol(len(spec.space), rng=0).random(64)[:number]
    rows = [dict(zip(spec.space, map(float, row), strict=True)) for row in shares]
    settings = [spec.setting({name: _at(spec, name, x) for name, x in row.items()}) for row in rows]
    parts = []
    for start in range(0, number, at_once):
        array = TrainerGroup(data, settings[start : start + at_once], range(SEEDS), spec.recipe)
        curves = []
        for _ in range(EPOCHS):
            array.train_epoch()
            curves.append(array.validation_accuracy().numpy())
        parts.append(np.stack(curves))
    return np.moveaxis(np.concatenate(parts, axis=2), -1, 0).astype(float)


def replay(curves: FloatArray, pruner: str, order: Sequence[int]) -> Replayed:
    """Search a pool in an order, `AT_ONCE` at a time.

    Args:
        curves: accuracies ``[K, E, R]``.
        pruner: its name.
        order: the indices of the settings.
    """
    epochs, seeds = curves.shape[1:]
    content: dict[str, Any] = {"name": "replay", "dataset": "digits", "pruner": pruner}
    content |= {"space": default_space("combined"), "epochs": epochs, "seeds": seeds}
    spec = StudySpec.from_content(content, "replay")
    # By the name Hyperband assigns trials to its brackets.
    study = optuna.create_study(
        study_name=spec.name, direction="maximize", pruner=make_pruner(spec)
    )
    trained, complete = 0, []
    for start in range(0, len(order), AT_ONCE):
        alive = {k: study.ask() for k in order[start : start + AT_ONCE]}
        for rung in spec.rungs:
            for k, trial in alive.items():
                known = trial.user_attrs.get(at_rungs("accuracy"), {})
                of_rungs = {**known, str(rung): curves[k, rung - 1].tolist()}
                trial.set_user_attr(at_rungs("accuracy"), of_rungs)
                trial.report(float(curves[k, rung - 1].mean()), rung)
            best_first = sorted(alive, key=lambda k: -curves[k, rung - 1].mean())
            for k in [k for k in best_first if alive[k].should_prune()]:
                study.tell(alive.pop(k), state=TrialState.PRUNED)
                trained += rung
        for k, trial in alive.items():
            trial.set_user_attr(at_end("accuracy"), curves[k, -1].tolist())
            study.tell(trial, float(curves[k, -1].mean()))
            trained += epochs
            complete.append(k)
    ends = curves[:, -1].mean(1)
    lost = float(ends[list(order)].max() - ends[complete].max())
    return Replayed(trained / (len(order) * epochs), lost > _ROUNDING, lost)


def table(pools: dict[str, FloatArray]) -> str:
    """Return what each pruner saves and loses on each pool, over `DRAWS` orders."""
    rows = []
    for name, curves in pools.items():
        orders = [np.random.default_rng(draw).permutation(len(curves)) for draw in range(DRAWS)]
        for pruner in PRUNERS:
            found = [replay(curves, pruner, order.tolist()) for order in orders]
            saved = [100 * (1 - each.trained) for each in found]
            regrets = [100 * each.regret for each in found]
            dropped = sum(each.dropped for each in found)
            extent = f"{np.mean(saved):.0f} % ({min(saved):.0f} to {max(saved):.0f})"
            lost = f"{np.mean(regrets):.2f} ({max(regrets):.2f})"
            rows.append([name, pruner, extent, f"{dropped} of {DRAWS}", lost])
    return markdown(["pool", "pruner", "training saved", "best dropped", "regret, points"], rows)


def ranks(pools: dict[str, FloatArray]) -> str:
    """Return how the ranks of settings at the rungs agree with those at the end, as sentences."""
    said = []
    for name, curves in pools.items():
        means = curves.mean(2)
        rungs = [2**power for power in range(means.shape[1].bit_length() - 1)]
        found = [spearmanr(means[:, rung - 1], means[:, -1]).statistic for rung in rungs]
        said.append(f"{name}: " + ", ".join(f"{one:.1f}" for one in found) + ".")
    return "Rank correlation with the end after 1, 2, 4, 8 epochs; " + " ".join(said)


def main() -> None:
    """Fill the page."""
    argparse.ArgumentParser(
        prog="python -m tools.racing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pools = {name: train_pool(*plan) for name, plan in POOLS.items()}
    fill(PAGE, {"racing": f"{table(pools)}\n\n{ranks(pools)}"})


def _data(net: str, folder: Path) -> str:
    if net != "head":
        return "digits[per_class=80]"
    digits = load_digits()
    file = folder / "digits.npz"
    np.savez(file, embeddings=(digits.data / 16).astype(np.float32), labels=digits.target)
    return str(file)


def _at(spec: StudySpec, name: str, share: float) -> float:
    """Return the value at a share of a range."""
    low, high = spec.space[name].ends()
    is_log = getattr(spec.space[name], "log", False)
    return float(low * (high / low) ** share if is_log else low + share * (high - low))


if __name__ == "__main__":
    main()
