"""What benchmarks/fleet tells is what its workers did, and docs/scale.md can take it."""

import json

import pytest

from benchmarks.fleet import sleeping
from benchmarks.fleet.figures import extrapolated
from benchmarks.fleet.lines import CROWDED, PRUNED, RANDOM, TPE, Kind, plan
from benchmarks.fleet.past import prepare
from benchmarks.fleet.show import PAGE, fill
from benchmarks.fleet.tables import saturation
from benchmarks.fleet.thousand import thousand_rows
from benchmarks.fleet.worker import Job, TimedWorker
from sweeper import store
from sweeper.launch.worker_process import WorkerConfig
from sweeper.store import DEFAULT_TIMING, open_database


class Link:
    """The parent's end, which lets a worker begin at once."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)

    def recv(self):
        return "go"


def work(url, kind, n_trials, seconds=0.0):
    prepare(url, kind)
    with open_database(url) as database:
        study = store.find_study(database, kind.spec.name)
        store.set_n_trials(database, study.id, n_trials)
    link = Link()
    job = Job(WorkerConfig(url, kind.spec.name, "cpu", 1), seconds, 0.0)
    result = TimedWorker(job, link).work()
    assert link.sent == [("joined", None)]
    return result


def test_every_trial_is_handed_in_whole(storage_url):
    result = work(storage_url, TPE, 4)
    assert result["done"] == 4
    assert len(result["storage"]) == 3  # the first is counted by itself
    assert result["wall"] == pytest.approx(sum(result["storage"]))  # nothing was slept
    assert {"reserve", "ask", "record", "tell"} <= result["parts"].keys()
    assert sum(result["parts"].values()) < result["wall"]
    assert 3 * 20 < result["exchanges"] < 3 * 200
    with open_database(storage_url) as database:
        study = store.find_study(database, "fleet")
        trials = store.load_trials(database, study.id)
    assert [trial.state for trial in trials] == ["complete"] * 4
    for trial in trials:
        for seed in trial.seeds:
            assert len(seed.values) == 7
            assert len(seed.curve) == len(seed.classes) == 10
            assert 10 < len(seed.confusion) < 70


def test_what_is_slept_is_no_storage(storage_url, monkeypatch):
    monkeypatch.setattr(sleeping, "STAGGERED", 0.0)
    result = work(storage_url, RANDOM, 3, seconds=0.5)
    slept = result["wall"] - sum(result["storage"])
    assert 1.0 <= slept < 1.5  # two trials; a busy machine wakes late
    assert all(0 < storage < 2 for storage in result["storage"])


def test_a_pruner_is_told_of_rungs(storage_url):
    assert work(storage_url, PRUNED, 3)["parts"]["rungs"] > 0


def test_workers_take_no_notice_of_a_past_that_was_copied(postgres_url):
    kind = Kind("late", "tpe", finished=50)
    assert work(postgres_url, kind, 52)["done"] == 2
    with open_database(postgres_url) as database:
        study = store.find_study(database, "fleet")
        trials = store.load_trials(database, study.id)
        asked = database.optuna_storage.get_all_trials(study.optuna_study_id)
    assert [trial.number for trial in trials] == list(range(52))
    assert all(len(trial.seeds) == 4 for trial in trials)
    assert len({trial.values[0] for trial in asked}) == 52


def test_others_at_work_are_left_alone(postgres_url):
    kind = Kind("crowded", "tpe", held=20)
    prepare(postgres_url, kind)
    with open_database(postgres_url) as database:
        study = store.find_study(database, "fleet")
        assert len(store.held(database, study.id)) == 20
        assert store.expired(database, study.id) == []


LINES = [
    {"study": "tpe", "workers": 1, "seconds": 0.0, "slept": True, "trials_per_second": 30.0},
    {"study": "tpe", "workers": 4, "seconds": 0.0, "slept": True, "trials_per_second": 58.0},
    {"study": "tpe", "workers": 16, "seconds": 0.0, "slept": True, "trials_per_second": 60.0},
    {"study": "tpe", "workers": 16, "seconds": 10.0, "slept": True, "share": 0.01, "trial_ms": 99.0}
    | {"trial_p95_ms": 120.0, "failed": 2},
]


def test_the_lines_have_names_to_choose_them_by():
    names = [line.name for line in plan()]
    assert len(set(names)) == len(names)
    assert {"tpe 16 10", "tpe 16 100", f"{CROWDED.name} 1 0"} <= set(names)


def test_the_share_of_longer_trials_is_extrapolated():
    (found,) = extrapolated(LINES)
    assert (found["seconds"], found["slept"]) == (100.0, False)
    storage = 10 * 0.01 / 0.99
    assert found["share"] == pytest.approx(storage / (100 + storage), abs=1e-5)
    slept = {"study": "tpe", "workers": 16, "seconds": 100.0}
    assert extrapolated([*LINES, slept]) == []


def test_saturation():
    assert saturation({"lines": LINES}) == ["tpe: at most 60 trials/s; 4 workers reach 90 % of it"]


def test_a_thousand_workers():
    one = {"study": CROWDED.name, "trial_ms": 90.0, "server_cpu_ms": 20.0}
    calls = {name: {"ms": 1.0, "server_cpu_ms": 0.2} for name in ("note_epochs", "renew")}
    rows = thousand_rows({"lines": [one], "calls": calls})
    renewals = 4000 / DEFAULT_TIMING.lease
    assert rows[1] == [
        "10",
        "100",
        "1,000",
        f"{renewals:.0f}",
        "0.99 %",
        f"{(100 * 20 + 1000 * 0.2 + renewals * 0.2) / 1000:.1f}",
    ]
    assert rows[3][:3] == ["1,000", "1", "10"]
    assert thousand_rows({"lines": LINES, "calls": calls}) == []


def test_the_page_takes_the_figures():
    figures = {"machine": {"cores": 2}, "postgresql": {"fsync": "on", "here": True}, "lines": LINES}
    page = PAGE.read_text(encoding="utf-8")
    filled = fill(page, json.loads(json.dumps(figures)))
    assert "| tpe | 16 (2 could not work) | 10 | – | 99.0 | 120.0 | 1.00 % |" in filled
    assert "cores 2, fsync on; the server on the same machine" in filled
    assert fill(filled, figures) == filled
