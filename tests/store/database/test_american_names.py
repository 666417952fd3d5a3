"""Version 0005: names of before in a database of 0004, in our tables and in Optuna's."""

import json

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from sqlalchemy import text

from sweeper.registry.setting import Setting
from sweeper.store import EpochRecord, find_study, held, load_trials, open_database
from sweeper.store.database.maintenance import check, upgrade
from tests.store.database.test_upgrades import ROWS_OF_0002, WHEN

SPEC = {
    "name": "normalised-softmax",
    "dataset": "subcentres",
    "net": "soft-nearest-neighbour",
    "loss": "normalised-softmax",
    "beside": ["sigma2r", "soft-nearest-neighbour"],
    "controls": ["softmax", "normalised-softmax"],
    "space": {"sigma2r.n_neighbours": {"choices": [3, 5]}, "subcentres": {"low": 1, "high": 3}},
    "fixed": {"soft-nearest-neighbour.lambda": 0.1},
    "settings": [{"loss": ["normalised-softmax"], "subcentres": [1, 2]}],
}
MORE = (
    '{"subcentres": 2.0, "sigma2r.lambda": 0.01, "sigma2r.n_neighbours": 3.0, "sigma2r.z": 40.0, '
    '"soft-nearest-neighbour.lambda": 0.1, "soft-nearest-neighbour.temperature": 2.0}'
)
SETTING = (
    "normalised-softmax (scale 16, subcentres 2) + sigma2r (lambda 0.01, n_neighbours 3, z 40)"
)
LOSSES = CategoricalDistribution(("softmax", "normalised-softmax"))
PARAMS = {
    "loss": "normalised-softmax",
    "beside": "sigma2r + soft-nearest-neighbour",
    "subcentres": 2,
    "soft-nearest-neighbour.lambda": 0.1,
}
DISTRIBUTIONS = {
    "loss": LOSSES,
    "beside": CategoricalDistribution(("sigma2r", "sigma2r + soft-nearest-neighbour")),
    "subcentres": IntDistribution(1, 3),
    "soft-nearest-neighbour.lambda": FloatDistribution(0.01, 1.0),
}
TRIAL = ROWS_OF_0002["trials"] | {"loss": "normalised-softmax", "m2": 0.0, "number": 0}
KEY = {"trial_id": 1, "seed": 2**33}
LEASE = {"study_id": 1, "worker": "w", "host": "h", "pid": 1, "since": WHEN, "until": WHEN}
ROWS_OF_0004 = {
    "datasets": ROWS_OF_0002["datasets"],
    "tasks": ROWS_OF_0002["tasks"],
    "studies": ROWS_OF_0002["studies"] | {"name": "normalised-softmax", "spec": json.dumps(SPEC)},
    "trials": TRIAL | {"more": MORE},
    "trials ": TRIAL | {"number": None, "control": "normalised-softmax"},
    "trials  ": TRIAL | {"number": 1, "state": "failed", "cause": "pre-empted"},
    "trials   ": TRIAL | {"number": 2, "state": "failed", "cause": "error: no subcentres"},
    "results": ROWS_OF_0002["results"],
    "curves": KEY | {"epoch": 1, "train_loss": 0.5, "accuracy": 0.25},
    "growth": KEY | {"epoch": 1, "class_index": 0, "value": 1 / 3},
    "growth ": KEY | {"epoch": 1, "class_index": 1, "value": -2.0},
    "leases": LEASE | {"id": 7, "control": "normalised-softmax", "epochs": 1},
    "checkpoints": {"id": 5, "epochs": 1, "file": "/a/file", "saved": WHEN},
    "checkpointed": {"label": "1/normalised-softmax", "checkpoint_id": 5},
}


def make_optuna_study(storage, name):
    """Make a study as 0004 left it: a trial that is over, one that is queued, a point of a grid."""
    study = optuna.create_study(study_name=name, storage=storage)
    over = optuna.create_trial(
        value=0.5,
        params=PARAMS,
        distributions=DISTRIBUTIONS,
        user_attrs={"setting": SETTING, "cause": "pre-empted", "remark": "subcentres?"},
        system_attrs={
            "search_space": {"subcentres": [1, 2]},
            "tpe:relative_params:0": json.dumps({"sigma2r.n_neighbours": 3}),
        },
    )
    study.add_trial(over)
    study.enqueue_trial(PARAMS)
    return study


@pytest.fixture
def database(storage_url, make_version, insert_rows):
    """A database of version 0004, of either kind, with a study of ours and one of somebody else."""
    engine = make_version(storage_url, "0004")
    with open_database(storage_url, any_version=True) as database:
        database.make_tables()
        make_optuna_study(database.optuna_storage, "normalised-softmax")
        make_optuna_study(database.optuna_storage, "of another program")
        with engine.begin() as connection:
            insert_rows(connection, ROWS_OF_0004)
        engine.dispose()
        yield database


def test_trials_and_controls_have_the_names_of_now(database):
    upgrade(database)
    assert check(database) == []
    study = find_study(database, "normalised-softmax")
    trial, preempted, failed, control = load_trials(database, study.id)
    options = {"subcenters": 2, "sigma2r.n_neighbors": 3, "soft-nearest-neighbor.temperature": 2.0}
    own = {"scale": 16.0, "lr": 0.01, "weight_decay": 1e-4}
    options |= {"soft-nearest-neighbor.lambda": 0.1}
    assert trial.setting == Setting.of("normalized-softmax", own | options)
    assert control.control == "normalized-softmax"
    assert (preempted.cause, failed.cause) == ("preempted", "error: no subcentres")
    assert [lease.control for lease in held(database, study.id)] == ["normalized-softmax"]
    with database.session() as session:
        labels = session.scalars(text("SELECT label FROM sweeper_checkpointed")).all()
    assert labels == ["1/normalized-softmax"]


def test_growth_is_one_of_many_curves(database):
    upgrade(database)
    (trial, *_) = load_trials(database, 1)
    told = {"sigma2r.growth": (1 / 3, -2.0)}
    assert trial.seeds[0].curve == (EpochRecord(1, 0.5, 0.25, told),)


def test_the_names_of_study_data_and_net_stay_in_a_spec(database):
    upgrade(database)
    assert json.loads(find_study(database, "normalised-softmax").spec) == {
        "name": "normalised-softmax",
        "dataset": "subcentres",
        "net": "soft-nearest-neighbour",
        "loss": "normalized-softmax",
        "beside": ["sigma2r", "soft-nearest-neighbor"],
        "controls": ["softmax", "normalized-softmax"],
        "space": {"sigma2r.n_neighbors": {"choices": [3, 5]}, "subcenters": {"low": 1, "high": 3}},
        "fixed": {"soft-nearest-neighbor.lambda": 0.1},
        "settings": [{"loss": ["normalized-softmax"], "subcenters": [1, 2]}],
    }


def test_optunas_trials_have_the_names_of_now(database):
    upgrade(database)
    over, queued = optuna.load_study(
        study_name="normalised-softmax", storage=database.optuna_storage
    ).trials
    params = {
        "loss": "normalized-softmax",
        "beside": "sigma2r + soft-nearest-neighbor",
        "subcenters": 2,
        "soft-nearest-neighbor.lambda": 0.1,
    }
    assert over.params == queued.system_attrs["fixed_params"] == params
    assert over.distributions["loss"].choices == ("softmax", "normalized-softmax")  # type: ignore[attr-defined]
    assert over.distributions["beside"].choices == ("sigma2r", "sigma2r + soft-nearest-neighbor")  # type: ignore[attr-defined]
    assert over.user_attrs == {
        "setting": "normalized-softmax (scale 16, subcenters 2) + "
        "sigma2r (lambda 0.01, n_neighbors 3, z 40)",
        "cause": "preempted",
        "remark": "subcentres?",
    }
    assert over.system_attrs["search_space"] == {"subcenters": [1, 2]}
    assert json.loads(over.system_attrs["tpe:relative_params:0"]) == {"sigma2r.n_neighbors": 3}


def test_studies_of_other_programs_are_left_alone(database):
    upgrade(database)
    over, queued = optuna.load_study(
        study_name="of another program", storage=database.optuna_storage
    ).trials
    assert over.params == queued.system_attrs["fixed_params"] == PARAMS
    assert over.distributions == DISTRIBUTIONS
    assert over.user_attrs["setting"] == SETTING
    assert over.system_attrs["search_space"] == {"subcentres": [1, 2]}


def test_a_database_without_optunas_tables_is_upgraded(storage_url, make_version, insert_rows):
    engine = make_version(storage_url, "0004")
    with engine.begin() as connection:
        insert_rows(connection, ROWS_OF_0004)
    engine.dispose()
    with open_database(storage_url, any_version=True) as database:
        upgrade(database)
        assert check(database) == []
        assert load_trials(database, 1)[0].setting.loss == "normalized-softmax"
