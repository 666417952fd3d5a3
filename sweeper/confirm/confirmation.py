"""The best of a search again with further seeds; the test split read once, for the winner."""

import io
import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sweeper import models, store
from sweeper.confirm.retraining import Retraining
from sweeper.confirm.verdict import best_seed
from sweeper.errors import SweeperError, UsageError
from sweeper.registry.controls import control_loss
from sweeper.registry.objectives import OBJECTIVES, is_share
from sweeper.registry.setting import Setting
from sweeper.store import Confirmation, Database, StoredStudy, TrialRecord
from sweeper.store.results.confirmations import Label, Values
from sweeper.study.open_study import OpenStudy
from sweeper.study.ranking import best_controls, best_settings, cost
from sweeper.study.study_file import StudySpec
from sweeper.training import Interrupted, TrainingData
from sweeper.worker.estimate import seconds_per_trial

#: Of so many of the best trials one is chosen.
BEST = 3
#: Shares whose difference is at most this, and other values whose relative one is at most the
#: second, differ by rounding alone. One image more or less of a million is more.
_SAME_SHARE, _SAME = 1e-6, 1e-4


@dataclass(frozen=True)
class Contenders:
    """What is trained again: the best trials, the best first, and the controls by name."""

    trials: list[TrialRecord]
    controls: dict[str, Setting]

    @property
    def labels(self) -> list[Label]:
        """The trials' numbers, then the controls' names."""
        return [*(int(trial.number or 0) for trial in self.trials), *self.controls]

    @property
    def settings(self) -> list[Setting]:
        """The settings, in the order of the labels."""
        return [*(trial.setting for trial in self.trials), *self.controls.values()]


@dataclass(frozen=True)
class Winner:
    """The trial that was chosen, and the weights of its best seed.

    Attributes:
        trial: as the search has stored it.
        seed: the one that was best on validation data.
        net: the state dict of the net alone, on the CPU, with any extra state of a user's own net.
        loss: the state dict of its loss alone, likewise.
        again: what these weights have on validation data, by objective, where they were trained
            again; None for those that the confirmation itself has measured.
    """

    trial: TrialRecord
    seed: int
    net: dict[str, Any]
    loss: dict[str, Tensor]
    again: Mapping[str, float] | None = None

    @classmethod
    def of(
        cls,
        trial: TrialRecord,
        seed: int,
        training: Retraining,
        again: Mapping[str, float] | None = None,
    ) -> "Winner":
        """Take the weights of the first setting of a training that is done.

        Raises:
            SweeperError: the user's own net failed, or holds what cannot be exported.
        """
        net, loss = training.member_state(seed, 0)
        return cls(trial, seed, _on_cpu(net), _on_cpu(loss), again)


def find_contenders(database: Database, study: StoredStudy) -> Contenders:
    """Return what of a study would be trained again.

    Raises:
        UsageError: it is an experiment.
        SweeperError: no trial is complete, or a control is not trained yet.
    """
    spec = StudySpec.from_json(study.spec)
    if spec.kind == "experiment":
        raise UsageError(
            f"{study.name!r} is an experiment, which is measured on test data already: "
            f"`sweeper results {shlex.quote(study.name)}{database.option}` shows them"
        )
    records = store.load_trials(database, study.id)
    trials = best_settings(records, spec.objectives[0], BEST)
    done = {record.control for record in records if not store.is_retryable(record.cause)}
    controls = spec.control_settings()
    missing = [name for name in controls if name not in done]
    if missing or not trials:
        what = f"the control {missing[0]} is not" if trials else "no trial is"
        raise SweeperError(
            f"study {study.name!r}: {what} trained to the end yet; go on with the search first: "
            f"sweeper worker {shlex.quote(study.name)}{database.option}"
        )
    best = [str(record.control) for record in best_controls(records, spec.objectives[0])]
    # One of which no training ended is confirmed at its middle rate: what it does is told, too.
    chosen = {control_loss(name): name for name in (*spec.controls, *best)}
    return Contenders(trials, {name: controls[name] for name in chosen.values()})


def estimate(opened: OpenStudy, contenders: Contenders, seeds: int, device: torch.device) -> float:
    """Return about how many seconds a confirmation takes, from a few steps of an array.

    Raises:
        SweeperError: the user's own net fails in training.
    """
    number = len(contenders.settings)
    data = opened.task.training_data(device, exact=True)
    return seconds_per_trial(opened.spec, data, number) * number * seeds / opened.spec.seeds


def confirm(
    opened: OpenStudy,
    contenders: Contenders,
    seeds: int,
    device: torch.device,
    stop: Callable[[], bool] = lambda: False,
    on_share: Callable[[float], None] = lambda share: None,
    before_test: Callable[[], None] = lambda: None,
) -> tuple[Confirmation, Winner]:
    """Train the contenders with further seeds, choose on validation data, read the test split.

    The seeds come after the study's own, so that none took part in finding the contenders;
    the same for each, so that they can be compared in pairs. Trained in float32, whatever the
    search was trained in. Nothing is stored.

    Args:
        opened: the study.
        contenders: what to train.
        seeds: how many further seeds.
        device: where to train.
        stop: asked before each step, and last before the test split is read.
        on_share: told which share of the training is done.
        before_test: called just before the test split is read, which an error of it prevents.

    Returns:
        All values, those of the test split for the winner and the controls alone; and the winner.

    Raises:
        Interrupted: `stop` said yes; the test split was not read.
        SweeperError: the test split cannot be measured, every trial diverged, or the user's own net
            failed; the test split was not read, unless it was on test data that the net failed.
    """
    spec, task = opened.spec, opened.task
    for each in task.split.folds or (task.split,):
        _require_pairs(each.test_labels, spec)
    further = range(spec.seeds, spec.seeds + seeds)
    training = Retraining(
        spec, task.training_data(device, exact=True), contenders.settings, further
    )
    training.train(stop, on_share)
    validation = training.measure()
    objective = spec.objectives[0]
    place = _choose(contenders, validation[objective], further, objective)
    if stop():
        raise Interrupted
    number = len(contenders.trials)
    kept = [place, *range(number, len(contenders.settings))]
    training.keep(kept)
    labels = contenders.labels
    values: dict[Label, dict[store.SplitName, dict[str, dict[int, float]]]] = {
        label: {"validation": _by_seed(validation, k, further)} for k, label in enumerate(labels)
    }
    trial = contenders.trials[place]
    confirmation = Confirmation(int(trial.number or 0), seeds, values)
    seed = best_seed(confirmation, objective)
    # Before the test split is read: what fails then has cost nothing.
    winner = Winner.of(trial, seed, training)
    of_weights = models.standardization(spec.net)
    before_test()
    test = training.measure(
        TrainingData.of(task.dataset, task.split, "test", device, standardization=of_weights)
    )
    for column, k in enumerate(kept):
        values[labels[k]]["test"] = _by_seed(test, column, further)
    return confirmation, winner


def train_winner(
    opened: OpenStudy,
    confirmation: Confirmation,
    device: torch.device,
    stop: Callable[[], bool] = lambda: False,
    on_share: Callable[[float], None] = lambda share: None,
) -> Winner:
    """Train the winner of a stored confirmation again with its best seed: its weights were lost.

    It is trained alone, not in the array of the confirmation: what draws random numbers in the
    net, such as dropout, may draw others, and rounding may differ. So it is measured on validation
    data again; `departures` compares. The test split is not read.

    Args:
        opened: the study.
        confirmation: as it is stored.
        device: where to train.
        stop: asked before each step.
        on_share: told which share of the training is done.

    Raises:
        Interrupted: `stop` said yes.
        SweeperError: the user's own net failed.
    """
    data = opened.task.training_data(device, exact=True)
    trial, seed, training = retrain_chosen(opened, confirmation, data, stop, on_share)
    measured = training.measure()
    again = {name: measured[name].item() for name in opened.spec.objectives}
    return Winner.of(trial, seed, training, again)


def retrain_chosen(
    opened: OpenStudy,
    confirmation: Confirmation,
    data: TrainingData,
    stop: Callable[[], bool],
    on_share: Callable[[float], None],
) -> tuple[TrialRecord, int, Retraining]:
    """Train the winner of a stored confirmation with the seed of its weights, on these data.

    Returns:
        The trial, the seed and the training that is done.

    Raises:
        Interrupted: `stop` said yes.
        SweeperError: the user's own net failed.
    """
    trial, seed = chosen(opened, confirmation)
    training = Retraining(opened.spec, data, [trial.setting], [seed])
    training.train(stop, on_share)
    return trial, seed, training


def chosen(opened: OpenStudy, confirmation: Confirmation) -> tuple[TrialRecord, int]:
    """Return the trial that a stored confirmation has chosen, and the seed of its weights."""
    records = store.load_trials(opened.database, opened.stored.id)
    trial = next(record for record in records if record.number == confirmation.winner)
    return trial, best_seed(confirmation, opened.spec.objectives[0])


def departures(confirmation: Confirmation, winner: Winner) -> dict[str, tuple[float, float]]:
    """Return where a winner that was trained again is not what the confirmation measured.

    Args:
        confirmation: as it is stored.
        winner: from `train_winner`.

    Returns:
        By objective the value on validation data that is stored for its seed, and that of the
        weights, where they differ by more than rounding.
    """
    stored = confirmation.values[confirmation.winner]["validation"]
    pairs = {name: (stored[name][winner.seed], new) for name, new in (winner.again or {}).items()}
    return {
        name: pair
        for name, pair in pairs.items()
        if not math.isclose(*pair, rel_tol=0 if is_share(name) else _SAME, abs_tol=_SAME_SHARE)
    }


def diverged(values: Values, measure: str) -> list[int]:
    """Return the seeds with which a setting was not trained to the end, from its stored values."""
    return [seed for seed, value in values["validation"][measure].items() if math.isnan(value)]


def _choose(contenders: Contenders, values: Tensor, seeds: range, objective: str) -> int:
    """Return the place of the trial with the best mean of values ``[N, K]``; NaN never wins."""
    means = values.mean(dim=0).tolist()[: len(contenders.trials)]
    able = [place for place, mean in enumerate(means) if not math.isnan(mean)]
    if not able:
        said = [
            f"trial {trial.number} with seed "
            + ", ".join(str(seed) for r, seed in enumerate(seeds) if values[r, k].isnan())
            for k, trial in enumerate(contenders.trials)
        ]
        raise SweeperError(
            f"none of the best trials can be confirmed, all diverged: {'; '.join(said)}; the test "
            "split was not read; search on with smaller learning rates, in a new study"
        )
    return min(able, key=lambda place: cost(objective, means[place]))


def _require_pairs(test_labels: Tensor, spec: StudySpec) -> None:
    """Refuse to begin where the test images do not do for an objective."""
    needing = [name for name in spec.objectives if OBJECTIVES[name].needs_spread]
    if needing and int((test_labels.bincount() >= 2).sum()) < 2:
        raise SweeperError(
            f"{spec.dataset}: {needing[0]} needs at least two classes of two images each in the "
            "test part; there it cannot be confirmed"
        )


def _by_seed(values: dict[str, Tensor], k: int, seeds: range) -> dict[str, dict[int, float]]:
    """Return the values ``[N, K]`` of setting k by measure and seed."""
    return {
        name: dict(zip(seeds, value[:, k].tolist(), strict=True)) for name, value in values.items()
    }


def _on_cpu(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state dict on the CPU, as it will be read back.

    Raises:
        SweeperError: it holds what is not read back, since that takes running foreign code.
    """
    tensors = {name: value.cpu() for name, value in state.items() if isinstance(value, Tensor)}
    rest = {name: value for name, value in state.items() if name not in tensors}
    if not rest:
        return tensors
    content = io.BytesIO()
    try:
        torch.save(rest, content)
        content.seek(0)
        rest = torch.load(content, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the user's own objects raise
        raise SweeperError(
            f"the net's {next(iter(rest))} cannot be exported; return tensors, numbers, texts, and "
            "lists and dicts of them from get_extra_state"
        ) from error
    return {name: tensors.get(name, rest.get(name)) for name in state}
