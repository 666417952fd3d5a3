"""Training one array of trials to its end: the epochs, the rungs, who leaves and why."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sweeper.search.faults import net_faults
from sweeper.search.study_file import StudySpec
from sweeper.setting import Setting
from sweeper.store import NON_FINITE, ClassRecord, EpochRecord, SeedRecord, State
from sweeper.training import Measures, SideBySide, TrainingData


@dataclass(frozen=True)
class Outcome:
    """How one setting of the array ended; `place` counts the settings as they were given."""

    place: int
    state: State
    epochs: int
    seconds: float
    cause: str | None = None
    seeds: tuple[SeedRecord, ...] = ()


@dataclass
class Round:
    """One array of settings, from the first epoch to the last.

    Args:
        spec: the study: seeds, epochs, objectives, rungs.
        data: what is trained on and measured.
        settings: the settings to train together.
        report: told at each rung a setting's place, the epoch and the mean of the objective.
        should_prune: asked with a place once all are reported, so that their order makes no
            difference; says whether the setting leaves.
        stop: asked before each step; training is abandoned by `Interrupted` once it says yes.
        on_epoch: told the number of epochs done.

    Attributes:
        members: how many train together at most; 0 until that is settled.
    """

    spec: StudySpec
    data: TrainingData
    settings: Sequence[Setting]
    report: Callable[[int, int, float], None] = lambda place, epoch, value: None
    should_prune: Callable[[int], bool] = lambda place: False
    stop: Callable[[], bool] = lambda: False
    on_epoch: Callable[[int], None] = lambda epoch: None
    members: int = field(init=False, default=0)
    _places: list[int] = field(init=False, default_factory=list)
    _curves: dict[tuple[int, int], list[EpochRecord]] = field(init=False, default_factory=dict)
    _began: float = field(init=False, default=0.0)

    def outcomes(self) -> Iterator[Outcome]:
        """Train, and yield each setting's outcome as soon as it leaves the array.

        Raises:
            Interrupted: `stop` said yes.
            SweeperError: the user's own net failed.
        """
        spec = self.spec
        seeds = range(spec.seeds)
        self._places = list(range(len(self.settings)))
        self._curves = {(place, seed): [] for place in self._places for seed in seeds}
        self._began = time.monotonic()
        with net_faults(spec.net):
            array = SideBySide(
                self.data,
                self.settings,
                seeds,
                spec.net,
                spec.embedding,
                spec.epochs,
                spec.batch_size,
                spec.protocol,
            )
        self.members = array.members
        for epoch in range(1, spec.epochs + 1):
            self._train_epoch(array, epoch)
            yield from self._leave(array, self._diverged(epoch))
            if epoch in spec.rungs and self._places:
                yield from self._leave(array, self._pruned(array, epoch))
            if not self._places:
                return
            self.on_epoch(epoch)
        measures = self._measure(array, spec.objectives)
        for k, place in enumerate(self._places):
            yield self._measured(place, k, measures, spec.epochs)

    def _train_epoch(self, array: SideBySide, epoch: int) -> None:
        """Train one epoch, and note each member's loss and accuracy."""
        with net_faults(self.spec.net):
            losses = array.train_epoch(self.stop).cpu()
            accuracies = array.validation_accuracy()
            growths = array.growth()
        for k, place in enumerate(self._places):
            for seed in range(self.spec.seeds):
                numbers = losses[seed, k].item(), accuracies[seed, k].item()
                growth = tuple(growths[seed, k].tolist()) if (seed, k) in growths else ()
                self._curves[place, seed].append(EpochRecord(epoch, *numbers, growth))

    def _measure(
        self, array: SideBySide, objectives: Sequence[str], objectives_alone: bool = False
    ) -> Measures:
        with net_faults(self.spec.net):
            return array.measure(objectives, objectives_alone)

    def _diverged(self, epoch: int) -> dict[int, Outcome]:
        """Return the settings of which a seed's loss is no longer finite, by place in the array."""
        found = {}
        for k, place in enumerate(self._places):
            last = {seed: self._curves[place, seed][-1] for seed in range(self.spec.seeds)}
            bad = [seed for seed, record in last.items() if not math.isfinite(record.train_loss)]
            if bad:
                seeds = ", ".join(map(str, bad))
                cause = f"{NON_FINITE}: the loss of epoch {epoch} with seed {seeds}"
                found[k] = self._outcome(place, "failed", epoch, cause)
        return found

    def _pruned(self, array: SideBySide, epoch: int) -> dict[int, Outcome]:
        """Return the settings that are not worth going on with, by place in the array."""
        (objective,) = self.spec.objectives
        measures = self._measure(array, [objective], objectives_alone=True)
        means = measures.values[objective].mean(dim=0).tolist()
        finite = [k for k, mean in enumerate(means) if math.isfinite(mean)]
        # The better first: halving compares each with those that were asked about before it.
        best_first = sorted(finite, key=means.__getitem__, reverse=self._larger_is_better())
        for k in best_first:
            self.report(self._places[k], epoch, means[k])
        return {
            k: self._measured(self._places[k], k, measures, epoch, "pruned")
            for k in best_first
            if self.should_prune(self._places[k])
        }

    def _larger_is_better(self) -> bool:
        return self.spec.directions[0] == "maximize"

    def _leave(self, array: SideBySide, outcomes: dict[int, Outcome]) -> Iterator[Outcome]:
        yield from outcomes.values()
        kept = [k for k in range(len(self._places)) if k not in outcomes]
        if outcomes and kept:
            array.keep(kept)
        self._places = [self._places[k] for k in kept]

    def _measured(
        self, place: int, k: int, measures: Measures, epoch: int, state: State = "complete"
    ) -> Outcome:
        values = {
            seed: {name: value[seed, k].item() for name, value in measures.values.items()}
            for seed in range(self.spec.seeds)
        }
        objectives = self.spec.objectives
        bad = [s for s, named in values.items() if any(math.isnan(named[o]) for o in objectives)]
        if bad:
            seeds = ", ".join(map(str, bad))
            cause = f"{NON_FINITE}: the embeddings after epoch {epoch} with seed {seeds}"
            return self._outcome(place, "failed", epoch, cause)
        seed_records = tuple(
            SeedRecord(
                seed,
                values[seed],
                tuple(self._curves[place, seed]),
                _classes(measures, seed, k),
                _confusion(measures, seed, k),
            )
            for seed in range(self.spec.seeds)
        )
        seconds = time.monotonic() - self._began
        return Outcome(place, state, epoch, seconds, seeds=seed_records)

    def _outcome(self, place: int, state: State, epoch: int, cause: str) -> Outcome:
        """Return an outcome without measures: what is known is the curve."""
        seeds = tuple(
            SeedRecord(seed, {}, tuple(self._curves[place, seed]))
            for seed in range(self.spec.seeds)
        )
        return Outcome(place, state, epoch, time.monotonic() - self._began, cause, seeds)


def _classes(measures: Measures, r: int, k: int) -> tuple[ClassRecord, ...]:
    of = (measures.recall, measures.spread, measures.plain_spread)
    columns = zip(*(measure[r, k].tolist() for measure in of), strict=True)
    return tuple(ClassRecord(index, *numbers) for index, numbers in enumerate(columns))


def _confusion(measures: Measures, r: int, k: int) -> tuple[tuple[int, int, int], ...]:
    counts = measures.confusion[r, k]
    true, predicted = counts.nonzero(as_tuple=True)
    columns = (true.tolist(), predicted.tolist(), counts[true, predicted].tolist())
    return tuple(zip(*columns, strict=True))
