"""A worker: takes trials, trains them together, hands in the results, until none are left."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import torch

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.study.open_study import OpenStudy
from sweeper.training import Interrupted, is_out_of_memory
from sweeper.worker import out_of_memory
from sweeper.worker.batch.batch_trainer import BatchTrainer
from sweeper.worker.batch.snapshot import Snapshot
from sweeper.worker.batch.trial_result import TrialResult
from sweeper.worker.checkpoints import Checkpoints
from sweeper.worker.compatibility import require_one_shape
from sweeper.worker.estimate import note_array
from sweeper.worker.failures import cause_of
from sweeper.worker.grouping import Batch, group
from sweeper.worker.heartbeat import Heartbeat
from sweeper.worker.progress_notes import ProgressNotes
from sweeper.worker.queue.claimed_trial import ClaimedTrial
from sweeper.worker.queue.held_trials import HeldTrials
from sweeper.worker.queue.trial_queue import TrialQueue
from sweeper.worker.settling import Settling, has_outlook
from sweeper.worker.steering import Steering
from sweeper.worker.termination import TerminationCheck
from sweeper.worker.trials_per_array import fitting_trials, most_at_once


class StudyWorker:
    """One worker on one study, or on several whose trials can be trained together.

    Args:
        opened: the study.
        device: where to train.
        fuse: trials per array, or None for what suits device and sampler.
        stop: asked before each step; once it says yes, what is unfinished is handed back.
        leave: asked after each epoch; once it says yes, what is unfinished is saved and given back.
        beside: further studies, which fill an array that the first one cannot.
        checkpoints: a folder that all workers share, where arrays are saved; without one small ones
            are in the database.

    Attributes:
        done: trials that it handed in.

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
        self.queues = [TrialQueue(study, self.identity) for study in (opened, *beside)]
        self.fuse = fuse or max(fitting_trials(of.opened.spec, self.data) for of in self.queues)
        self.is_fuse_given = fuse is not None
        self.checkpoints = Checkpoints(opened.database, checkpoints)
        self.steering = Steering([opened, *beside])
        self.settling = [Settling(each) for each in (opened, *beside) if has_outlook(each.spec)]
        self.done = 0
        self._passed_over = False  # whether nothing was taken of a study that is paused

    def work(self) -> int:
        """Work until the budget is used up or it is told to end; return how many trials it did.

        While one of its studies is paused it does not end by itself.

        Raises:
            SweeperError: one of its studies was deleted; what it held is given back before.
        """
        others = TerminationCheck([queue.opened for queue in self.queues], self._ends)
        try:
            with Heartbeat(self.opened.database, self.identity):
                while not self._ends():
                    if self.steering.is_paused:
                        self.steering.wait(self._ends)
                        continue
                    self._glance()
                    lost = sum(queue.recover() for queue in self.queues)
                    if not self._train_some() and not lost and not others.may_lose():
                        if self._passed_over:
                            self.steering.wait(self._ends)
                            continue
                        self._glance(last=True)
                        self._tidy()
                        break
            self.steering.require_all()
        except Exception as error:
            # Told to leave while the database is away it does not wait: what it had is in files.
            if not (store.is_transient(error) and self._ends()):
                raise
        return self.done

    def _glance(self, last: bool = False) -> None:
        """Keep up to date what further trials would gain, where that costs hardly any time."""
        for settling in self.settling:
            with suppress(SweeperError):  # it is no reason to end: the work itself reports
                settling.glance(last)

    def _ends(self) -> bool:
        return self.stop() or self.leave() or self.steering.is_over

    def _cause(self, error: BaseException | None) -> str:
        """Return why trials are given back that an error left unfinished, or the end."""
        # As last seen: an error of another look would keep them from being given back.
        is_steered = not self.steering.were_active(*(queue.opened for queue in self.queues))
        return cause_of(error or Interrupted(), self.leave() or is_steered)

    def _tidy(self) -> None:
        """Drop the checkpoints of studies that are done, should any be left by who was killed."""
        for queue in self.queues:
            database, stored = queue.opened.database, queue.opened.stored
            # In this order: what is handed back is queued, to go on, before its lease ends.
            held = store.held(database, stored.id)
            if not held and not store.load_summary(database, stored.id).queued:
                self.checkpoints.drop_all(f"{stored.id}/")

    def _train_some(self) -> bool:
        """Train as many trials as an array holds; return whether there were any."""
        with suppress(Interrupted), HeldTrials(self._cause) as held:
            self._take(held)
            if not held:
                return False
            batches = group(list(held), self.checkpoints)
            while batches and not self._ends():
                batches = self._train(batches[0], held) + batches[1:]
        return True

    def _take(self, held: HeldTrials) -> None:
        """Take as many trials as an array holds, of the first study before those beside it."""
        self._passed_over = False
        for queue in self.queues:
            if not self.steering.are_active(queue.opened):
                self._passed_over |= self.steering.was_paused(queue.opened)
                continue
            free = self.fuse - len(held)
            if not free or any(trial.is_suspect for trial in held):
                break
            most = None if self.is_fuse_given else most_at_once(queue.opened.spec)
            held.add(queue.take(free if most is None else min(free, most)))

    def _train(self, batch: Batch, held: HeldTrials) -> list[Batch]:
        """Train a batch to its end; return further ones, with the trials that it left over."""
        trainer, further = self._trainer(batch, held)
        began, number, stayed = time.monotonic(), len(trainer.trials), 0
        try:
            for trial, result in trainer.results():
                stayed += result.state == "complete"
                self._hand_in(trial, result, held)
            if not trainer.is_resumed and stayed == number:
                note_array(self.opened.spec, self.data, number, time.monotonic() - began)
            return further
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            members = out_of_memory.tried_members(trainer)
            if members == 1 and not trainer.is_resumed:
                held.give_back(held.among(trainer.trials), self._cause(error))
                raise out_of_memory.too_large(self.device) from error
        # Only now: the error held on to the array.
        left = held.among(trainer.trials)
        if trainer.is_resumed:  # at first as large again as when it was saved, on another device
            self.checkpoints.drop([trial.label for trial in left])
            return [Batch(left), *further]
        self.fuse = max(1, min(self.fuse, members // 2 // self.opened.spec.seeds))
        return out_of_memory.smaller_batches(left, members // 2, self.data, self.device) + further

    def _trainer(
        self, batch: Batch, held: HeldTrials
    ) -> tuple[BatchTrainer[ClaimedTrial], list[Batch]]:
        """Return what trains a batch, and the rest of it that is not in its checkpoint."""
        trials, snapshot, rest = batch.load(self.checkpoints)
        notes = ProgressNotes(self.opened.database, snapshot.epoch if snapshot else 0)

        def on_epoch(epoch: int, take_snapshot: Callable[[], Snapshot]) -> None:
            own = held.among(trials)
            leases = {trial.label: trial.lease for trial in own}
            notes.note(list(leases.values()), epoch)
            if epoch < self.opened.spec.epochs:
                is_steered = not self.steering.are_active(*(trial.opened for trial in own))
                self._save_or_leave(leases, take_snapshot, self.leave() or is_steered)

        trainer = BatchTrainer(self.data, trials, self.stop, on_epoch, snapshot)
        self.checkpoints.begin()
        return trainer, rest

    def _save_or_leave(
        self, leases: Mapping[str, int], snapshot: Callable[[], Snapshot], leaving: bool
    ) -> None:
        if leaving or self.checkpoints.is_due():
            self.checkpoints.save(leases, snapshot(), last=leaving)
        if leaving:
            raise Interrupted

    def _hand_in(self, trial: ClaimedTrial, result: TrialResult, held: HeldTrials) -> None:
        held.remove([trial])  # first: what is stored must not be given back
        device = f"{self.device}, bfloat16" if self.data.autocast else str(self.device)
        if trial.hand_in(result, device):  # else it is another one's by now
            self.checkpoints.drop([trial.label])
            self.done += 1
