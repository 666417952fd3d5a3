"""A worker: takes trials, trains them as one array, hands in what came out, until none are left."""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.registry.setting import Setting
from sweeper.study.open_study import OpenStudy
from sweeper.training import (
    Interrupted,
    compare_pairs,
    fit_fewer,
    fitting_members,
    is_out_of_memory,
)
from sweeper.training.capacity import cache
from sweeper.worker.batch_trainer import BatchTrainer
from sweeper.worker.checkpoints import Checkpoints
from sweeper.worker.compatibility import require_one_shape
from sweeper.worker.failures import cause_of
from sweeper.worker.heartbeat import Heartbeat
from sweeper.worker.queue.claimed_trial import ClaimedTrial
from sweeper.worker.queue.trial_queue import TrialQueue
from sweeper.worker.snapshot import Snapshot
from sweeper.worker.termination import TerminationCheck
from sweeper.worker.trial_result import TrialResult
from sweeper.worker.trials_per_array import fitting_trials, most_at_once

logger = logging.getLogger(__name__)


class StudyWorker:
    """One worker on one study, or on several whose trials can be trained together.

    Args:
        opened: the study.
        device: where to train.
        fuse: trials an array, or None for what suits device and sampler.
        stop: asked before each step; once it says yes, what is unfinished is handed back.
        leave: asked after each epoch; once it says yes, what is unfinished is saved and given back.
        beside: further studies, which fill an array that the first one cannot.
        checkpoints: a folder that all workers share, where arrays are saved; without one small ones
            are in the database.

    Raises:
        UsageError: the studies cannot be trained together.
    """

    def __init__(
        self,
        opened: OpenStudy,
        device: torch.device,
        fuse: int | None = None,
        stop: Callable[[], bool] = lambda: False,
        leave: Callable[[], bool] = lambda: False,
        beside: Sequence[OpenStudy] = (),
        checkpoints: Path | None = None,
    ) -> None:
        require_one_shape([opened, *beside])
        self.opened, self.device, self.stop, self.leave = opened, device, stop, leave
        self.data = opened.task.training_data(device)
        self.identity = store.WorkerIdentity.here(str(device))
        self.desks = [TrialQueue(study, self.identity) for study in (opened, *beside)]
        self.fuse = fuse or max(fitting_trials(desk.opened.spec, self.data) for desk in self.desks)
        self.asked = fuse
        self.checkpoints = Checkpoints(opened.database, checkpoints)

    def work(self) -> int:
        """Work until the budget is used up or it is told to end; return how many trials it did."""
        done = 0
        others = TerminationCheck([desk.opened for desk in self.desks], self._ends)
        try:
            with Heartbeat(self.opened.database, self.identity):
                while not self._ends():
                    lost = sum(desk.recover() for desk in self.desks)
                    taken = self._take()
                    if taken:
                        done += self._train(taken)
                    elif not lost and not others.may_lose():
                        self._tidy()
                        break
        except Exception as error:
            # Told to leave while the database is away it does not wait: what it had is in files.
            if not (store.is_transient(error) and self._ends()):
                raise
        return done

    def _ends(self) -> bool:
        return self.stop() or self.leave()

    def _tidy(self) -> None:
        """Drop the checkpoints of studies that are done, should any be left by who was killed."""
        for desk in self.desks:
            database, stored = desk.opened.database, desk.opened.stored
            # In this order: what is handed back is queued, to go on, before its lease ends.
            held = store.held(database, stored.id)
            if not held and not store.summarize(database, stored.name).queued:
                self.checkpoints.drop_all(f"{stored.id}/")

    def _take(self) -> list[ClaimedTrial]:
        """Take as many trials as an array holds, of the first study before those beside it."""
        taken: list[ClaimedTrial] = []
        try:
            for desk in self.desks:
                free = self.fuse - len(taken)
                if not free or any(one.is_suspect for one in taken):
                    break
                most = None if self.asked else most_at_once(desk.opened.spec)
                taken += desk.take(free if most is None else min(free, most))
        except BaseException as error:
            self._give_back(taken, error)
            raise
        return taken

    def _train(self, taken: list[ClaimedTrial]) -> int:
        """Train what was taken, arrays of checkpoints first; return how many were handed in."""
        done, left = 0, self._parts(taken)
        try:
            while left and not self._ends():
                part, checkpoint = left.pop(0)
                done += self._train_part(part, checkpoint)
        except BaseException as error:
            self._give_back([one for part, _ in left for one in part], error)
            raise
        self._give_back([one for part, _ in left for one in part], Interrupted())
        return done

    def _parts(self, taken: list[ClaimedTrial]) -> list[tuple[list[ClaimedTrial], int | None]]:
        """Return what is trained together: what has one checkpoint, and what has none.

        What failed in harmful ways before is trained alone, from its start, after the others.
        """
        suspects = [one for one in taken if one.is_suspect]
        found = self.checkpoints.find([one.label for one in taken if one not in suspects])
        parts: dict[int | None, list[ClaimedTrial]] = {}
        for one in taken:
            if one not in suspects:
                parts.setdefault(found.get(one.label), []).append(one)
        known = [(part, checkpoint) for checkpoint, part in parts.items() if checkpoint is not None]
        fresh = [(parts[None], None)] if None in parts else []
        return [*known, *fresh, *(([one], None) for one in suspects)]

    def _train_part(self, taken: list[ClaimedTrial], checkpoint: int | None) -> int:
        """Train an array from its checkpoint, if there is one and it can be read."""
        try:
            snapshot = None if checkpoint is None else self.checkpoints.load(checkpoint)
        except BaseException as error:
            self._give_back(taken, error)
            raise
        if snapshot is None:
            return self._train_array(taken)
        places = {label: place for place, label in enumerate(snapshot.labels)}
        known = sorted(
            (one for one in taken if one.label in places), key=lambda one: places[one.label]
        )
        rest = [one for one in taken if one.label not in places]
        try:
            done = self._train_array(known, snapshot) if known else 0
        except BaseException as error:
            self._give_back(rest, error)
            raise
        return done + (self._train_array(rest) if rest else 0)

    def _train_array(self, taken: list[ClaimedTrial], resumed: Snapshot | None = None) -> int:
        """Train one array; return how many of its trials were handed in."""
        unfinished = dict(enumerate(taken))
        done = 0
        noted, timing = -math.inf, self.opened.database.timing
        epochs, start = self.opened.spec.epochs, 0 if resumed is None else resumed.epoch

        def on_epoch(epoch: int, snapshot: Callable[[], Snapshot]) -> None:
            nonlocal noted
            if time.monotonic() - noted >= timing.progress_note:
                noted = time.monotonic()
                if not self._note(unfinished.values(), epoch, start):
                    noted += timing.progress_pause
            if epoch == epochs:
                return
            leaving = self.leave()
            if leaving or self.checkpoints.is_due():
                leases = {one.label: one.lease for one in unfinished.values()}
                self.checkpoints.save(leases, snapshot())
            if leaving:
                raise Interrupted

        settings = [one.setting for one in taken]
        together = BatchTrainer(
            self.opened.spec,
            self.data,
            settings,
            report=lambda place, epoch, value: taken[place].report(epoch, value),
            should_prune=lambda place: taken[place].should_prune(),
            stop=self.stop,
            on_epoch=on_epoch,
            labels=[one.label for one in taken],
            resumed=resumed,
            specs=[one.spec for one in taken],
        )
        self.checkpoints.begin()
        try:
            if resumed is not None:
                for one in taken:
                    one.repeat_reports(resumed.reports[resumed.labels.index(one.label)])
                resumed = None  # what it holds is as large as the array
            for outcome in together.outcomes():
                # Out of the unfinished ones first: what is stored must not be handed back.
                done += self._hand_in(unfinished.pop(outcome.place), outcome)
            return done
        except BaseException as error:
            # Of the array itself: another worker may have halved what is remembered meanwhile.
            members = together.members or self._together(settings)
            again = together.is_resumed
            if not is_out_of_memory(error) or (members == 1 and not again):
                self._give_back(unfinished.values(), error)
                if isinstance(error, Interrupted):
                    return done
                if is_out_of_memory(error):
                    raise SweeperError(
                        f"one trial with one seed does not fit into the memory of {self.device}; "
                        "choose a smaller batch_size or net"
                    ) from error
                raise
        # Only now: the error held on to the array.
        left = list(unfinished.values())
        if again:  # an array is at first as large again as when it was saved, on another device
            self.checkpoints.drop([one.label for one in left])
            return done + self._train_array(left)
        return done + self._train_fewer(left, members // 2)

    def _train_fewer(self, taken: list[ClaimedTrial], members: int) -> int:
        """Train what did not fit into the memory in smaller arrays, and remember it."""
        spec, settings = self.opened.spec, [one.setting for one in taken]
        batch = spec.protocol.batch(self.data.num_classes, spec.batch_size)
        fit_fewer(self.data, spec.net, spec.embedding, batch, compare_pairs(settings), members)
        self.fuse = max(1, min(self.fuse, members // spec.seeds))
        logger.warning(
            "out of memory on %s: from now on %s, also in later studies, until %s is deleted",
            self.device,
            "each member trains alone" if members == 1 else f"{members} members train together",
            cache.file(),
        )
        done = 0
        try:
            while taken and not self._ends():
                part, taken = taken[:members], taken[members:]
                done += self._train_array(part)
        except BaseException as error:
            self._give_back(taken, error)
            raise
        self._give_back(taken, Interrupted())
        return done

    def _together(self, settings: list[Setting]) -> int:
        """Return how many members an array of these settings has, see `TrainerGroup`."""
        spec = self.opened.spec
        batch = spec.protocol.batch(self.data.num_classes, spec.batch_size)
        pairs = compare_pairs(settings)
        fitting = fitting_members(self.data, spec.net, spec.embedding, batch, pairs)
        return len(settings) * min(spec.seeds, max(1, fitting // len(settings)))

    def _note(self, taken: Iterable[ClaimedTrial], epoch: int, start: int) -> bool:
        """Note how far trials are, for those who look; return whether that went well."""
        leases = [one.lease for one in taken]
        with contextlib.suppress(SweeperError), self.opened.database.timeout(0):
            store.note_epochs(self.opened.database, leases, epoch, start)
            return True
        return False

    def _give_back(self, taken: Iterable[ClaimedTrial], error: BaseException) -> None:
        cause = cause_of(error, self.leave())
        for one in taken:
            one.give_back(cause)

    def _hand_in(self, one: ClaimedTrial, outcome: TrialResult) -> bool:
        device = f"{self.device}, bfloat16" if self.data.autocast else str(self.device)
        stored = one.hand_in(outcome, device)
        if stored:  # else it is another one's by now
            self.checkpoints.drop([one.label])
        return stored
