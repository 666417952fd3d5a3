"""A worker: takes trials, trains them as one array, hands in what came out, until none are left."""

import logging
import math
from collections.abc import Callable

import torch

from sweeper import store
from sweeper.search.claims import Claim, claim, finish, give_back
from sweeper.search.open_study import OpenStudy
from sweeper.search.recovery import recover
from sweeper.search.renewal import Renewal
from sweeper.search.rounds import Outcome, Round
from sweeper.search.study_file import StudySpec
from sweeper.store import INTERRUPTED
from sweeper.training import Interrupted, TrainingData, fitting_members

logger = logging.getLogger(__name__)

#: Samplers that learn from what is finished, and the rounds that a study then has at least: what is
#: asked for at once, no trial of it can learn from the others.
_LEARNING = ("tpe", "gp", "nsga2")
_ROUNDS = 10


class StudyWorker:
    """One worker on one study.

    Args:
        opened: the study.
        device: where to train.
        fuse: trials an array, or None for what suits device and sampler.
        rank: tells this worker's sampler from those of the workers that started with it.
        stop: asked before each step; once it says yes, what is unfinished is handed back.
    """

    def __init__(
        self,
        opened: OpenStudy,
        device: torch.device,
        fuse: int | None = None,
        rank: int = 0,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.opened, self.device, self.stop = opened, device, stop
        self.data = opened.task.training_data(device)
        self.fuse = fuse or fitting_trials(opened.spec, self.data)
        self.identity = store.Worker.here()
        self.study = opened.optuna_study(_sampler_rank(opened, rank))

    def work(self) -> int:
        """Work until the budget is used up or `stop` says yes; return how many trials were done."""
        done = 0
        with Renewal(self.opened.database, self.identity):
            while not self.stop():
                if lost := recover(self.opened, self.study):
                    logger.warning("%d trials of lost workers are trained again", lost)
                claims = claim(self.opened, self.study, self.identity, self.fuse)
                if not claims:
                    break
                done += self._train(claims)
        return done

    def _train(self, claims: list[Claim]) -> int:
        """Train claims as one array; return how many were handed in."""
        unfinished = dict(enumerate(claims))
        done = 0

        def should_prune(place: int, epoch: int, value: float) -> bool:
            trial = claims[place].trial
            if trial is None or not math.isfinite(value):
                return False
            store.retrying(lambda: trial.report(value, epoch))
            return trial.should_prune()

        def on_epoch(epoch: int) -> None:
            store.note_epochs(
                self.opened.database, [held.lease for held in unfinished.values()], epoch
            )

        settings = [held.setting for held in claims]
        together = Round(self.opened.spec, self.data, settings, should_prune, self.stop, on_epoch)
        try:
            for outcome in together.outcomes():
                done += self._hand_in(claims[outcome.place], outcome)
                del unfinished[outcome.place]
        except BaseException as error:
            for held in unfinished.values():
                give_back(self.opened, self.study, held, INTERRUPTED)
            if not isinstance(error, Interrupted):
                raise
        return done

    def _hand_in(self, held: Claim, outcome: Outcome) -> int:
        record = held.record(
            outcome.state,
            cause=outcome.cause,
            epochs=outcome.epochs,
            seconds=outcome.seconds,
            device=str(self.device),
            seeds=outcome.seeds,
        )
        if finish(self.opened, self.study, held, record):
            return 1
        logger.warning("%s was taken for lost meanwhile: this result is dropped", held)
        return 0


def fitting_trials(spec: StudySpec, data: TrainingData) -> int:
    """Return how many trials of a study to train as one array."""
    members = fitting_members(data, spec.net, spec.embedding, spec.batch_size)
    trials = max(1, members // spec.seeds)
    if spec.sampler in _LEARNING:
        trials = min(trials, math.ceil(spec.n_trials / _ROUNDS))
    return trials


def _sampler_rank(opened: OpenStudy, rank: int) -> int:
    """Return a number that no other worker's sampler has, nor had in an earlier run."""
    storage = opened.database.optuna_storage
    trials: int = storage.get_n_trials(opened.stored.optuna_study_id)
    return trials + 1_000_003 * rank
