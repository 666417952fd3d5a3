"""A worker: takes trials, trains them as one array, hands in what came out, until none are left."""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterable

import torch
from optuna.exceptions import UpdateFinishedTrialError

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.search.claims import Claim, claim, finish, give_back
from sweeper.search.estimate import example_settings
from sweeper.search.faults import net_faults
from sweeper.search.open_study import OpenStudy
from sweeper.search.recovery import recover
from sweeper.search.renewal import Renewal
from sweeper.search.rounds import Outcome, Round
from sweeper.search.study_file import StudySpec
from sweeper.setting import Setting
from sweeper.training import (
    Interrupted,
    TrainingData,
    compare_pairs,
    fit_fewer,
    fitting_members,
    is_out_of_memory,
    measured_members,
    remembered,
)

logger = logging.getLogger(__name__)

#: Samplers that learn from what is finished, and the rounds that a study then has where the workers
#: are few: what is asked for at once, no trial of it can learn from the others.
_LEARNING = ("tpe", "gp", "nsga2")
_ROUNDS = 10

#: Seconds between notes of how far an array is: nobody looks more often.
_NOTED = 1.0


class StudyWorker:
    """One worker on one study.

    Args:
        opened: the study.
        device: where to train.
        fuse: trials an array, or None for what suits device and sampler.
        stop: asked before each step; once it says yes, what is unfinished is handed back.
    """

    def __init__(
        self,
        opened: OpenStudy,
        device: torch.device,
        fuse: int | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.opened, self.device, self.stop = opened, device, stop
        self.data = opened.task.training_data(device)
        self.fuse = fuse or fitting_trials(opened.spec, self.data)
        self.identity = store.Worker.here()
        self.study = opened.optuna_study(opened.next_rank())

    def work(self) -> int:
        """Work until the budget is used up or `stop` says yes; return how many trials were done."""
        done = 0
        with Renewal(self.opened.database, self.identity):
            while not self.stop():
                lost = recover(self.opened, self.study)
                if lost:
                    logger.warning("%d trials of lost workers are trained again", lost)
                claims = claim(self.opened, self.study, self.identity, self.fuse)
                if claims:
                    done += self._train(claims)
                elif not lost:
                    break
        return done

    def _train(self, claims: list[Claim]) -> int:
        """Train claims as one array; return how many were handed in."""
        unfinished = dict(enumerate(claims))
        done = 0

        def report(place: int, epoch: int, value: float) -> None:
            trial = claims[place].trial
            if trial is not None:
                # One taken for lost meanwhile is finished already: `_hand_in` will hear of it.
                with contextlib.suppress(UpdateFinishedTrialError):
                    store.retrying(lambda: trial.report(value, epoch))

        def should_prune(place: int) -> bool:
            trial = claims[place].trial
            return trial is not None and trial.should_prune()

        noted = -math.inf

        def on_epoch(epoch: int) -> None:
            nonlocal noted
            if time.monotonic() - noted < _NOTED:
                return
            noted = time.monotonic()
            leases = [held.lease for held in unfinished.values()]
            store.note_epochs(self.opened.database, leases, epoch)

        settings = [held.setting for held in claims]
        together = Round(
            self.opened.spec, self.data, settings, report, should_prune, self.stop, on_epoch
        )
        try:
            for outcome in together.outcomes():
                # Out of the unfinished ones first: what is stored must not be handed back.
                done += self._hand_in(unfinished.pop(outcome.place), outcome)
            return done
        except BaseException as error:
            # Of the array itself: another worker may have halved what is remembered meanwhile.
            members = together.members or self._together(settings)
            if not is_out_of_memory(error) or members == 1:
                self._give_back(unfinished.values())
                if isinstance(error, Interrupted):
                    return done
                if is_out_of_memory(error):
                    raise SweeperError(
                        f"one trial with one seed does not fit into the memory of {self.device}; "
                        "choose a smaller batch_size or net"
                    ) from error
                raise
        # Only now: the error held on to the array.
        return done + self._train_fewer(list(unfinished.values()), members // 2)

    def _train_fewer(self, claims: list[Claim], members: int) -> int:
        """Train claims that did not fit into the memory in smaller arrays, and remember it."""
        spec, settings = self.opened.spec, [held.setting for held in claims]
        batch = spec.protocol.batch(self.data.num_classes, spec.batch_size)
        fit_fewer(self.data, spec.net, spec.embedding, batch, compare_pairs(settings), members)
        self.fuse = max(1, min(self.fuse, members // spec.seeds))
        logger.warning(
            "out of memory on %s: from now on %s, also in later studies, until %s is deleted",
            self.device,
            "each member trains alone" if members == 1 else f"{members} members train together",
            remembered.file(),
        )
        done = 0
        try:
            while claims:
                part, claims = claims[:members], claims[members:]
                done += self._train(part)
        except BaseException:
            self._give_back(claims)
            raise
        return done

    def _together(self, settings: list[Setting]) -> int:
        """Return how many members an array of these settings has, see `SideBySide`."""
        spec = self.opened.spec
        batch = spec.protocol.batch(self.data.num_classes, spec.batch_size)
        pairs = compare_pairs(settings)
        fitting = fitting_members(self.data, spec.net, spec.embedding, batch, pairs)
        return len(settings) * min(spec.seeds, max(1, fitting // len(settings)))

    def _give_back(self, claims: Iterable[Claim]) -> None:
        for held in claims:
            give_back(self.opened, self.study, held)

    def _hand_in(self, held: Claim, outcome: Outcome) -> bool:
        record = held.record(
            outcome.state,
            outcome.cause,
            outcome.epochs,
            outcome.seconds,
            f"{self.device}, bfloat16" if self.data.autocast else str(self.device),
            outcome.seeds,
        )
        if finish(self.opened, self.study, record, held.lease):
            return True
        logger.warning("%s was taken for lost meanwhile: this result is dropped", held.label)
        return False


def fitting_trials(spec: StudySpec, data: TrainingData, workers: int = 1) -> int:
    """Return how many trials of a study each of so many workers should train as one array.

    The first time on a machine this trains a few steps, a few seconds long.

    Raises:
        SweeperError: the user's own net fails.
    """
    with net_faults(spec.net):
        members = measured_members(
            data,
            example_settings(spec),
            spec.net,
            spec.embedding,
            spec.batch_size,
            spec.protocol,
        )
    trials = max(1, members // spec.seeds)
    if spec.sampler in _LEARNING:
        trials = min(trials, max(1, spec.n_trials // (_ROUNDS * workers)))
    return trials
