"""Optuna's storage as a worker uses it: the same as Optuna's own, in fewer statements."""

import math
from collections import Counter

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.samplers import NSGAIISampler, QMCSampler, RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial
from sqlalchemy import event

from sweeper.store import Database
from sweeper.store.optuna_storage import reads, worker_storage
from sweeper.store.optuna_storage.worker_storage import WorkerStorage

SPACE = {"m2": FloatDistribution(-0.2, 0.8), "scale": FloatDistribution(2, 128, log=True)}


@pytest.fixture
def open_study(database):
    """Open the same study once more, as another worker does; the first time make it."""

    def opened(
        sampler: optuna.samplers.BaseSampler | None = None, on: Database = database
    ) -> optuna.Study:
        return optuna.create_study(
            study_name="s",
            storage=WorkerStorage(on),
            sampler=sampler or RandomSampler(seed=0),
            direction="maximize",
            load_if_exists=True,
        )

    return opened


@pytest.fixture
def plain(database, open_study):
    """What Optuna's own storage reads."""

    def trials() -> list[optuna.trial.FrozenTrial]:
        storage = database.optuna_storage
        return storage.get_all_trials(storage.get_study_id_from_name("s"))

    return trials


def ask(study: optuna.Study) -> optuna.Trial:
    with WorkerStorage.of(study).together():
        return study.ask(SPACE)


def tell(study: optuna.Study, trial: optuna.Trial, value: float | None, **attributes) -> None:
    state = TrialState.FAIL if value is None else TrialState.COMPLETE
    with WorkerStorage.of(study).together():
        for name, given in attributes.items():
            trial.set_user_attr(name, given)
        study.tell(trial, value, state=state)


def finished(value: float, **changes) -> optuna.trial.FrozenTrial:
    params = {"m2": 0.1, "scale": 4.0}
    return create_trial(params=params, distributions=SPACE, value=value, **changes)


def test_optuna_reads_what_was_written_at_once(open_study, plain):
    study = open_study()
    one, two, three = ask(study), ask(study), ask(study)
    assert [trial.params for trial in plain()] == [one.params, two.params, three.params]
    one.report(0.25, 2)
    tell(study, one, math.inf, cause=None, accuracies=[0.5, None])
    tell(study, two, None)
    first, second, third = plain()
    assert (first.state, first.value) == (TrialState.COMPLETE, math.inf)
    assert first.user_attrs == {"cause": None, "accuracies": [0.5, None]}
    assert first.intermediate_values == {2: 0.25}
    assert first.distributions == SPACE
    assert first.datetime_start <= first.datetime_complete
    assert (second.state, second.values) == (TrialState.FAIL, None)
    assert third.state == TrialState.RUNNING


def test_a_worker_reads_what_optuna_reads(open_study, plain):
    study = open_study()
    study.enqueue_trial({"m2": 0.3, "scale": 8.0}, user_attrs={"why": "first"})
    study.enqueue_trial({"m2": 0.4, "scale": 8.0})
    study.add_trial(finished(-math.inf, intermediate_values={1: math.nan, 3: math.inf}))
    taken, other = ask(study), open_study()
    tell(study, taken, 0.5, said="ä")
    ask(study)
    for reader in (study, other, open_study()):
        read = reader.get_trials()
        assert repr(read) == repr(plain())
    tell(other, ask(other), 0.75)
    assert repr(study.get_trials()) == repr(plain())


@pytest.mark.parametrize(
    "make",
    [
        lambda: TPESampler(seed=1, multivariate=True, constant_liar=True),
        lambda: NSGAIISampler(seed=1, population_size=8),
        lambda: QMCSampler(seed=1, scramble=True, warn_independent_sampling=False),
    ],
    ids=["tpe", "nsga2", "qmc"],
)
def test_a_sampler_proposes_what_it_would_with_optunas_own_storage(database, open_study, make):
    ours = open_study(make())
    storage = database.optuna_storage
    theirs = optuna.create_study(storage=storage, sampler=make(), direction="maximize")
    for _ in range(8):
        with WorkerStorage.of(ours).steady():
            mine = [ask(ours) for _ in range(4)]
        others = [theirs.ask(SPACE) for _ in range(4)]
        assert [trial.params for trial in mine] == [trial.params for trial in others]
        for trial, other in zip(mine, others, strict=True):
            value = -abs(trial.params["m2"] - 0.3)
            tell(ours, trial, value)
            theirs.tell(other, value)


def test_a_queued_trial_is_taken_by_one_worker(open_study):
    one, two = open_study(), open_study()
    one.enqueue_trial({"m2": 0.3, "scale": 8.0})
    two.get_trials()
    assert ask(one).params == {"m2": 0.3, "scale": 8.0}
    assert ask(two).params != {"m2": 0.3, "scale": 8.0}


def test_a_trial_that_another_worker_ended_is_not_written_to(open_study, plain):
    one, two = open_study(), open_study()
    trial = ask(one)
    two.tell(trial.number, state=TrialState.FAIL)
    with pytest.raises(UpdateFinishedTrialError):
        tell(one, trial, 0.5, said="late")
    assert (plain()[0].state, plain()[0].user_attrs) == (TrialState.FAIL, {})
    assert one.get_trials()[0].state == TrialState.FAIL


def test_an_error_writes_nothing(open_study, plain):
    study = open_study()
    trial = ask(study)
    with pytest.raises(TypeError):
        tell(study, trial, 0.5, said="much", more=object())
    assert (plain()[0].state, plain()[0].user_attrs) == (TrialState.RUNNING, {})
    tell(study, trial, 0.25)
    assert plain()[0].value == 0.25


def test_what_others_do_is_seen_within_a_second(open_study, database, timed):
    late, soon = (open_study(on=timed(database, trials_refresh=s)) for s in (1000.0, 0.0))
    other = open_study()
    with WorkerStorage.of(late).steady(), WorkerStorage.of(soon).steady():
        assert late.get_trials() == soon.get_trials() == []
        ask(other)
        mine = ask(late)
        assert [trial.number for trial in late.get_trials()] == [mine.number]
        assert len(soon.get_trials()) == 2
    assert database.timing.trials_refresh == 1.0


def test_the_last_and_the_best_are_recent(open_study, monkeypatch):
    monkeypatch.setattr(worker_storage, "RECENT", 3)
    monkeypatch.setattr(worker_storage, "BEST", 2)
    study = open_study()
    for value in (0.2, 0.9, 0.1, 0.8, 0.3, 0.4):
        study.add_trial(finished(value))
    running = ask(study)
    with worker_storage.recent(study):
        assert [trial.number for trial in study.get_trials()] == [1, 3, 4, 5, running.number]
        complete = study.get_trials(states=(TrialState.COMPLETE,))
        assert [trial.number for trial in complete] == [1, 3, 4, 5]
    assert len(study.get_trials()) == 7


def test_statements_and_trials_read_do_not_grow_with_what_is_finished(
    open_study, database, monkeypatch
):
    study = open_study()
    engine, counted = database.optuna_storage.engine, Counter()

    def read(*arguments: object) -> list[optuna.trial.FrozenTrial]:
        trials = reads.read_trials(*arguments)
        counted["trials"] += len(trials)
        return trials

    def one_trial() -> Counter[str]:
        counted.clear()
        with WorkerStorage.of(study).steady():
            tell(study, ask(study), 0.5, said="much")
        return counted.copy()

    def count(*_: object) -> None:
        counted["statements"] += 1

    monkeypatch.setattr(worker_storage, "read_trials", read)
    one_trial()
    event.listen(engine, "before_cursor_execute", count)
    few = one_trial()
    for value in range(30):
        study.add_trial(finished(float(value)))
    study.get_trials()
    many = one_trial()
    event.remove(engine, "before_cursor_execute", count)
    assert few["trials"] <= 1
    assert many["trials"] == 0
    assert many["statements"] <= few["statements"] <= 25
