"""One seed of each loss trained again, for the embeddings that nobody keeps.

A database could store the embeddings of every seed, but most studies are never drawn, what is drawn
takes a training of seconds to minutes, and studies that were trained before would have none. So
they are made when they are asked for. A training is fixed by its seed: the accuracy that comes out
again says whether this is what the study has measured.
"""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor

from sweeper import metrics
from sweeper.console import count
from sweeper.errors import SweeperError
from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.report.page.features import DRAWN, Features
from sweeper.report.study_results import ResultRow
from sweeper.study.open_study import OpenStudy
from sweeper.training import FusedTrainer
from sweeper.training.net_failures import net_failures
from sweeper.worker.estimate import seconds_per_trial

#: More points of one setting would only lie on top of one another, and make the page slow.
_MOST_POINTS = 1000

_AXES = ("x", "y", "z")


def retraining_seconds(opened: OpenStudy, losses: int, device: torch.device) -> float:
    """Return about how long `retrained` takes for so many losses.

    Raises:
        SweeperError: the user's own net fails in training.
    """
    alone = opened.spec.model_copy(update={"seeds": 1})
    return losses * seconds_per_trial(alone, opened.task.training_data(device), 1)


def retrained(
    opened: OpenStudy,
    chosen: Mapping[str, ResultRow],
    device: torch.device,
    stop: Callable[[], bool] = lambda: False,
    on_share: Callable[[float], None] = lambda share: None,
) -> Features:
    """Train the first seed of some settings again, and embed the samples that were measured.

    One setting after the other, so that no more memory is needed than for one member. Of many
    samples, some at even distances are embedded for the figure; the accuracy counts all.

    Args:
        opened: the study.
        chosen: one setting of each loss.
        device: where to train.
        stop: asked before each step.
        on_share: told which share of the work is done.

    Raises:
        Interrupted: `stop` said yes.
        SweeperError: no samples of trained classes are measured, the embedding cannot be drawn, or
            the user's own net failed.
    """
    rows = list(chosen.values())
    seed = rows[0].record.seeds[0].seed
    data = opened.task.training_data(device)
    samples = _measured(opened, seed)
    if not len(samples):
        raise SweeperError(
            f"study {opened.stored.name!r} measures classes that are not trained alone, which its "
            "losses have no directions of; their embeddings are not drawn"
        )
    shown = torch.linspace(0, len(samples) - 1, min(len(samples), _MOST_POINTS)).round().long()
    frames, accuracy = [], {}
    with net_failures(opened.spec.net):
        for number, row in enumerate(rows):
            setting = row.record.setting.describe()
            trainer = FusedTrainer(data, [row.record.setting], [seed], opened.spec.recipe)
            labels = trainer.of_seeds[0].measured.labels
            table = _Table(opened, seed, samples[shown].tolist(), labels[shown].tolist())
            if number == 0:  # the initial weights of a net follow from the seed alone
                features, _ = _embedded(trainer)
                _require_drawable(opened, features.shape[-1])
                frames.append(table.of_samples("", "before training", features[shown]))
            for epoch in range(1, opened.spec.epochs + 1):
                trainer.train_epoch(stop)
                on_share((number + epoch / opened.spec.epochs) / len(rows))
            features, logits = _embedded(trainer)
            predicted = logits[shown].argmax(-1).tolist()
            frames.append(table.of_samples(setting, "after training", features[shown], predicted))
            frames += table.of_directions(setting, trainer.member_state(0, 0)[1])
            stored = next(each for each in row.record.seeds if each.seed == seed)
            again = float(metrics.accuracy(logits, labels))
            accuracy[setting] = (stored.values[DEFAULT_OBJECTIVE], again)
    threads = f"{device}" if device.type != "cpu" else count(torch.get_num_threads(), "thread")
    return Features(pd.concat(frames, ignore_index=True), accuracy, seed, threads)


def _measured(opened: OpenStudy, seed: int) -> Tensor:
    """Return the positions in the data set of what a seed is measured on."""
    split = opened.task.split.of_seed(seed)
    return split.test if opened.stored.split == "test" else split.validation


def _require_drawable(opened: OpenStudy, size: int) -> None:
    if size not in DRAWN:
        raise SweeperError(
            f"net {opened.spec.net!r} of study {opened.stored.name!r} gives embeddings of {size} "
            "dimensions; only two or three can be drawn"
        )


def _embedded(trainer: FusedTrainer) -> tuple[Tensor, Tensor]:
    """Return features ``[n, d]`` and logits ``[n, C]`` of what the only member is measured on."""
    features = trainer.embed_own([each.measured for each in trainer.of_seeds])
    return features[0], trainer.logits(features)[0]


class _Table:
    """Makes the rows of a frame, see `Features`."""

    def __init__(
        self, opened: OpenStudy, seed: int, samples: Sequence[int], labels: Sequence[int]
    ) -> None:
        every, split = opened.task.dataset.class_names, opened.task.split.of_seed(seed)
        self.names = [every[c] for c in split.trained_classes]
        self.samples, self.labels = samples, labels

    def of_samples(
        self, setting: str, what: str, features: Tensor, predicted: Sequence[int] = ()
    ) -> pd.DataFrame:
        classes = [self.names[c] for c in self.labels]
        frame = self._frame(setting, what, classes, features)
        frame.insert(2, "sample", self.samples)
        frame.insert(4, "predicted", [self.names[c] for c in predicted] or None)
        return frame

    def of_directions(self, setting: str, loss: Mapping[str, Tensor]) -> list[pd.DataFrame]:
        """Return the class weights, of sub-centers several a class; or the class means."""
        # A loss with terms beside it holds its own weights as ``loss.weight``.
        name = next((name for name in ("weight", "loss.weight") if name in loss), "means")
        what = "class means" if name == "means" else "class weights"
        of_classes = loss[name].cpu().reshape(len(self.names), -1, loss[name].shape[-1])
        each = of_classes.shape[1]
        classes = [class_name for class_name in self.names for _ in range(each)]
        return [self._frame(setting, what, classes, of_classes.flatten(0, 1))]

    def _frame(self, setting: str, what: str, classes: Sequence[str], at: Tensor) -> pd.DataFrame:
        coordinates = dict(zip(_AXES, at.T.tolist(), strict=False))
        return pd.DataFrame({"setting": setting, "what": what, "class": classes, **coordinates})
