"""Training one array of trials to its end: the epochs, the rungs, who leaves and why."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor

from sweeper.search.faults import net_faults
from sweeper.search.snapshot import Snapshot
from sweeper.search.study_file import StudySpec
from sweeper.setting import Setting
from sweeper.store import NON_FINITE, ClassRecord, EpochRecord, SeedRecord, State
from sweeper.training import Measures, SideBySide, TrainingData

#: Devices where reading a number waits for nothing: it is read there after every epoch, on others
#: at rungs, where somebody wants to know.
_AT_ONCE = ("cpu",)

#: An epoch, its losses and accuracies ``[R, K]``, and growths, as they lie on the device.
Unread = tuple[int, Tensor, Tensor, dict[tuple[int, int], Tensor]]

#: What an array was made of, those that left it included, and where in it each setting stands.
Made = tuple[tuple[Setting, ...], tuple[int, ...]]


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
        specs: the study of each setting, where they are of several: these differ in objectives and
            rungs alone.
        report: told at each rung a setting's place, the epoch and the mean of the objective.
        should_prune: asked with a place once all are reported, so that their order makes no
            difference; says whether the setting leaves.
        stop: asked before each step; training is abandoned by `Interrupted` once it says yes.
        on_epoch: told the number of epochs done, and what takes a snapshot; Interrupted may come
            out of it.
        labels: what snapshots call the settings, one each.
        resumed: where the settings are to go on from, by their labels.

    Attributes:
        members: how many train together at most; 0 until that is settled.
        is_resumed: whether the settings go on from a snapshot.
    """

    spec: StudySpec
    data: TrainingData
    settings: Sequence[Setting]
    report: Callable[[int, int, float], None] = lambda place, epoch, value: None
    should_prune: Callable[[int], bool] = lambda place: False
    stop: Callable[[], bool] = lambda: False
    on_epoch: Callable[[int, Callable[[], Snapshot]], None] = lambda epoch, snapshot: None
    labels: Sequence[str] = ()
    resumed: Snapshot | None = None
    specs: Sequence[StudySpec] = ()
    members: int = field(init=False, default=0)
    is_resumed: bool = field(init=False)
    _places: list[int] = field(init=False, default_factory=list)
    _curves: dict[tuple[int, int], list[EpochRecord]] = field(init=False, default_factory=dict)
    _reports: dict[int, dict[int, float]] = field(init=False, default_factory=dict)
    _unread: list[Unread] = field(init=False, default_factory=list)
    _began: float = field(init=False, default=0.0)
    _made_of: Made = field(init=False, default=((), ()))

    def __post_init__(self) -> None:
        self.is_resumed = self.resumed is not None

    def outcomes(self) -> Iterator[Outcome]:
        """Train, and yield each setting's outcome as soon as it leaves the array.

        Raises:
            Interrupted: `stop` said yes.
            SweeperError: the user's own net failed.
        """
        spec = self.spec
        self._places = list(range(len(self.settings)))
        self._curves = {(place, seed): [] for place in self._places for seed in range(spec.seeds)}
        self._reports = {place: {} for place in self._places}
        self._began = time.monotonic()
        with net_faults(spec.net):
            array, done = self._make()
        self.members = array.members
        for epoch in range(done + 1, spec.epochs + 1):
            self._train_epoch(array, epoch)
            if self._is_read(epoch):
                self._read()
                yield from self._leave(array, self._diverged())
            if any(epoch in self._spec(place).rungs for place in self._places):
                yield from self._leave(array, self._pruned(array, epoch))
            if not self._places:
                return
            self.on_epoch(epoch, partial(self._snapshot, array, epoch))
        measures = self._measure(array, self._objectives(self._places))
        for k, place in enumerate(self._places):
            yield self._measured(place, k, measures, spec.epochs)

    def _make(self) -> tuple[SideBySide, int]:
        """Make the array, and return it with the epochs that it has behind it."""
        spec, resumed = self.spec, self.resumed
        settings = self.settings if resumed is None else resumed.settings
        groups = [] if resumed is None else resumed.arrays["groups"]
        array = SideBySide(
            self.data,
            settings,
            range(spec.seeds),
            spec.net,
            spec.embedding,
            spec.epochs,
            spec.batch_size,
            spec.protocol,
            groups,
        )
        self._made_of = tuple(settings), tuple(self._places)
        if resumed is None:
            return array, 0
        array.keep(resumed.places)
        array.load_state_dict(resumed.arrays)
        here = [resumed.labels.index(label) for label in self.labels]
        array.keep(here)
        self._made_of = resumed.settings, tuple(resumed.places[k] for k in here)
        self.resumed = None  # what it holds is as large as the array
        for place, k in enumerate(here):
            self._reports[place] = dict(resumed.reports[k])
            for seed, curve in enumerate(resumed.curves[k]):
                self._curves[place, seed] = list(curve)
        self._began -= resumed.seconds
        return array, resumed.epoch

    def _snapshot(self, array: SideBySide, epoch: int) -> Snapshot:
        self._read()
        settings, made = self._made_of
        return Snapshot(
            settings=settings,
            places=tuple(made[place] for place in self._places),
            labels=tuple(self.labels[place] for place in self._places),
            epoch=epoch,
            seconds=time.monotonic() - self._began,
            curves=tuple(
                tuple(tuple(self._curves[place, seed]) for seed in range(self.spec.seeds))
                for place in self._places
            ),
            reports=tuple(dict(self._reports[place]) for place in self._places),
            arrays=array.state_dict(),
        )

    def _train_epoch(self, array: SideBySide, epoch: int) -> None:
        """Train one epoch; what is known of it afterwards stays on the device."""
        with net_faults(self.spec.net):
            losses = array.train_epoch(self.stop)
            self._unread.append((epoch, losses, array.validation_accuracy(), array.growth()))

    def _is_read(self, epoch: int) -> bool:
        """Return whether anybody wants to know after this epoch how the members are."""
        if self.data.device.type in _AT_ONCE or epoch == self.spec.epochs:
            return True
        return any(epoch in self._spec(place).rungs for place in self._places)

    def _read(self) -> None:
        """Note each member's losses and accuracies since the last time; waits for the device."""
        for epoch, *measured, growths in self._unread:
            losses, accuracies = (values.cpu() for values in measured)
            for k, place in enumerate(self._places):
                for seed in range(self.spec.seeds):
                    accuracy = accuracies[seed, k].item()
                    growth = tuple(growths[seed, k].tolist()) if (seed, k) in growths else ()
                    self._curves[place, seed].append(
                        EpochRecord(
                            epoch,
                            losses[seed, k].item(),
                            None if math.isnan(accuracy) else accuracy,
                            growth,
                        )
                    )
        self._unread.clear()

    def _measure(
        self, array: SideBySide, objectives: Sequence[str], objectives_alone: bool = False
    ) -> Measures:
        with net_faults(self.spec.net):
            return array.measure(objectives, objectives_alone)

    def _diverged(self) -> dict[int, Outcome]:
        """Return the settings of which a seed's loss is no longer finite, by place in the array."""
        found = {}
        for k, place in enumerate(self._places):
            curves = {seed: self._curves[place, seed] for seed in range(self.spec.seeds)}
            bad = [
                (record.epoch, seed)
                for seed, curve in curves.items()
                for record in curve
                if not math.isfinite(record.train_loss)
            ]
            if bad:
                epoch = min(bad)[0]
                for curve in curves.values():  # further epochs say nothing
                    del curve[epoch:]
                seeds = ", ".join(str(seed) for at, seed in bad if at == epoch)
                cause = f"{NON_FINITE}: the loss of epoch {epoch} with seed {seeds}"
                found[k] = self._outcome(place, "failed", epoch, cause)
        return found

    def _pruned(self, array: SideBySide, epoch: int) -> dict[int, Outcome]:
        """Return the settings that are not worth going on with, by place in the array."""
        asked = [k for k, p in enumerate(self._places) if epoch in self._spec(p).rungs]
        objectives = self._objectives([self._places[k] for k in asked])
        measures = self._measure(array, objectives, objectives_alone=True)
        means = {
            k: measures.values[self._spec(self._places[k]).objectives[0]][:, k].mean().item()
            for k in asked
        }

        def rank(k: int) -> float:
            maximised = self._spec(self._places[k]).directions[0] == "maximize"
            return -means[k] if maximised else means[k]

        # The better first: halving compares each with those that were asked about before it.
        best_first = sorted((k for k in asked if math.isfinite(means[k])), key=rank)
        for k in best_first:
            self.report(self._places[k], epoch, means[k])
            self._reports[self._places[k]][epoch] = means[k]
        return {
            k: self._measured(self._places[k], k, measures, epoch, "pruned")
            for k in best_first
            if self.should_prune(self._places[k])
        }

    def _spec(self, place: int) -> StudySpec:
        return self.specs[place] if self.specs else self.spec

    def _objectives(self, places: Sequence[int]) -> tuple[str, ...]:
        """Return all that the studies of settings ask for."""
        named = (name for place in places for name in self._spec(place).objectives)
        return tuple(dict.fromkeys(named))

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
        objectives = self._spec(place).objectives
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
