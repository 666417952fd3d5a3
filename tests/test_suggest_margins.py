"""Margins suggested in a real Optuna study, in memory and in a database."""

import subprocess
import sys

import optuna
import pytest

from sweeper.api import suggest_margins
from sweeper.errors import UsageError
from sweeper.registry.losses import LOSSES, repository_losses
from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.gain import Gain
from sweeper.repository.recommendation.recommendation import Recommendation, ToTry
from sweeper.store import open_database
from sweeper.study.space.default_space import default_space
from tests.support.plans import PLAN

optuna.logging.set_verbosity(optuna.logging.ERROR)

STARTS = (
    Setting("arcface", m2=0.25, scale=12.0),
    Setting("arcface", m2=1.4, scale=500.0),
    Setting("arcface", m2=-0.1, scale=1.0),
)
CLIPPED = [(0.25, 12.0), (0.8, 128.0), (-0.1, 2.0)]


def known(*starts):
    tries = tuple(ToTry(start, None) for start in starts)
    return Recommendation(
        "accuracy", True, Setting("softmax"), Gain(0, 0, 0), {}, (), (), (), "", PLAN, tries
    )


@pytest.fixture(params=["memory", "sqlite"])
def study(request, tmp_path):
    storage = None if request.param == "memory" else f"sqlite:///{tmp_path / 'own.db'}"
    sampler = optuna.samplers.RandomSampler(seed=0)
    return optuna.create_study(storage=storage, sampler=sampler, direction="maximize")


def taken(study, numbers):
    return [(study.trials[i].params["m2"], study.trials[i].params["scale"]) for i in numbers]


@pytest.mark.parametrize("loss", [loss for loss in repository_losses() if LOSSES[loss].margins])
def test_each_loss_has_its_own_parameters_within_the_ranges(study, loss):
    for _ in range(5):
        trial = study.ask()
        setting = suggest_margins(trial, loss)
        assert setting == Setting(loss, **trial.params)
        assert list(trial.params) == list(LOSSES[loss].margins)
        space = default_space("combined")
        assert all(space[n]["low"] <= v <= space[n]["high"] for n, v in trial.params.items())
        study.tell(trial, 0.0)
    assert trial.distributions["scale"].log


def test_optimize_tries_the_starts_after_its_first_trial(study):
    def objective(trial):
        batch = trial.suggest_int("batch", 1, 100)
        setting = suggest_margins(trial, "arcface", known(*STARTS))
        return setting.m2 / batch

    study.optimize(objective, n_trials=6)
    assert taken(study, (1, 2, 3)) == CLIPPED
    drawn = taken(study, (0, 4, 5))
    assert len({*drawn, *CLIPPED}) == 6
    assert all(trial.state.name == "COMPLETE" and "batch" in trial.params for trial in study.trials)
    study.optimize(objective, n_trials=2)  # goes on: nothing is queued again
    assert len(study.trials) == 8
    assert not set(taken(study, (6, 7))) & set(CLIPPED)


#: Works on a study as one of several processes does; waits a little, as training would. In a
#: storage of ours: with SQLite's default locking Optuna may hand a queued trial to two of them.
WORK = """
import sys, time
import optuna
from sweeper import suggest_margins
from sweeper.registry.setting import Setting
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.gain import Gain
from sweeper.repository.recommendation.recommendation import Recommendation, ToTry
from sweeper.store import open_database

def objective(trial):
    margins = suggest_margins(trial, "arcface", known)
    time.sleep(0.05)
    return margins.m2

settings = [Setting("arcface", m2=m2, scale=scale) for m2, scale in {points}]
starts = tuple(ToTry(setting, None) for setting in settings)
gain = Gain(0, 0, 0)
plan = Plan("compact", "scratch", 10, 1000, 10, 128, 1e-3, 64)
known = Recommendation("accuracy", True, settings[0], gain, {{}}, (), (), (), "", plan, starts)
storage = open_database(sys.argv[1]).optuna_storage
optuna.load_study(study_name="shared", storage=storage).optimize(objective, n_trials=8)
"""


def test_several_processes_try_each_start_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'own.db'}"
    with open_database(url, create=True) as database:
        optuna.create_study(study_name="shared", storage=database.optuna_storage)
    script = WORK.format(points=[(start.m2, start.scale) for start in STARTS])
    command = [sys.executable, "-c", script, url]
    workers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [worker.communicate(timeout=120)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    study = optuna.load_study(study_name="shared", storage=url)
    assert len(study.trials) == 16
    numbers = [taken(study, range(16)).index(point) for point in CLIPPED]
    assert 0 < numbers[0] < numbers[1] < numbers[2]
    assert all(taken(study, range(16)).count(point) == 1 for point in CLIPPED)


def test_the_best_trial_can_be_built_again(study):
    trial = optuna.trial.FixedTrial({"m2": 0.25, "scale": 12.0})
    assert suggest_margins(trial, "arcface", known(*STARTS)) == STARTS[0]


def test_ask_and_tell_tries_them_too(study):
    for _ in range(5):
        trial = study.ask()
        study.tell(trial, suggest_margins(trial, "arcface", known(*STARTS)).m2)
    assert taken(study, (1, 2, 3)) == CLIPPED
    assert len(study.trials) == 5


def test_what_is_queued_already_is_not_queued_twice(study):
    study.ask()  # numbered 0, and never told
    study.enqueue_trial({"m2": 0.25, "scale": 12.0})
    first = optuna.trial.Trial(study, study.trials[0]._trial_id)
    suggest_margins(first, "arcface", known(*STARTS, STARTS[0]))
    waiting = study.get_trials(states=[optuna.trial.TrialState.WAITING])
    assert len(waiting) == 3


def test_a_resumed_study_tries_them_too_and_once(study):
    study.optimize(lambda trial: suggest_margins(trial, "arcface").m2, n_trials=3)
    for _ in range(5):
        suggest_margins(study.ask(), "arcface", known(*STARTS))
    assert taken(study, range(4, 7)) == CLIPPED  # the call that queues them is a trial already
    assert not any(point in CLIPPED for point in taken(study, (3, 7)))


def test_starts_are_those_that_the_loss_can_express(study):
    starts = (*STARTS, Setting("combined", m2=0.1, m3=0.2), Setting("softmax"))
    trial = study.ask()
    suggest_margins(trial, "cosface", known(*starts, Setting("normalized-softmax", scale=5.0)))
    study.tell(trial, 0.0)
    assert suggest_margins(study.ask(), "cosface") == Setting("cosface", m3=0.0, scale=5.0)
    assert len(study.trials) == 2
    combined = optuna.create_study()
    suggest_margins(combined.ask(), "combined", known(*STARTS))
    assert suggest_margins(combined.ask()) == Setting("combined", m2=0.25, scale=12.0)


def test_without_starts_nothing_is_queued(study):
    suggest_margins(study.ask(), "arcface", known())
    assert len(study.trials) == 1


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ("arcfaec", "did you mean arcface"),
        ("softmax", "no margin or scale"),
        ("triplet", "unknown loss 'triplet'"),
        ("adacos", "unknown loss 'adacos'"),
    ],
)
def test_a_loss_without_margins_is_one_line(study, loss, message):
    with pytest.raises(UsageError, match=message):
        suggest_margins(study.ask(), loss)
