"""`sweeper workers`, and what `sweeper studies` and `sweeper launch` say without starting any."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.study.open_study import find

SIZES = ("--n-trials", 4, "--epochs", 1, "--seeds", 1, "--workers", 0)


def test_workers(sweeper, clouds, folder):
    assert sweeper("run", clouds, "--study-name", "one", *SIZES).status == 0
    nobody = sweeper("workers")
    assert nobody[::2] == (0, "")
    assert nobody.out == "no active workers; start one with `sweeper worker STUDY_NAME`\n"
    other = sweeper("workers", "--storage", f"sqlite:///{folder}/sweeper.db")
    assert f"`sweeper worker STUDY_NAME --storage sqlite:///{folder}/sweeper.db`" in other.out
    assert sweeper("workers", "--format", "json") == (0, "[]\n", "")

    with store.open_database("sqlite:///sweeper.db") as database:
        study = store.find_study(database, "one").id
        worker = replace(store.WorkerIdentity.here(), host="node7/abc", pid=12, device="cuda:1")
        for number, lease in enumerate(store.reserve(database, study, 2, 4, worker)):
            store.assign(database, lease, number)
        store.claim_control(database, study, "softmax", worker)
    table = sweeper("workers")
    assert table[::2] == (0, "")
    _, line = table.out.splitlines()
    assert line.split()[:6] == [worker.name, "cuda:1", "one", "0,", "1,", "softmax"]
    done = sweeper("workers", "--format", "json")
    assert (done.status, done.err) == (0, "")
    (entry,) = json.loads(done.out)
    since, seen = (datetime.fromisoformat(entry.pop(name)) for name in ("since", "seen"))
    assert 0 <= (datetime.now(UTC) - since).total_seconds() < 60
    assert abs((seen - since).total_seconds()) <= 1
    assert entry == {
        "worker": worker.name,
        "host": "node7",
        "pid": 12,
        "device": "cuda:1",
        "study": "one",
        "trials": [0, 1],
        "controls": ["softmax"],
        "epochs_per_second": 0.0,
        "lost": False,
    }
    studies = sweeper("studies").out.splitlines()
    (row,) = [line for line in studies if line.startswith("one ")]
    assert " 0/4 (2 running" in row


def test_studies_show_what_failed_by_cause(sweeper, clouds):
    assert sweeper("run", clouds, "--study-name", "one", "--cold", *SIZES).status == 0
    with store.open_database("sqlite:///sweeper.db") as database:
        study = store.find_study(database, "one")
        setting = Setting("arcface", m2=0.1, scale=8.0)
        causes = ["non-finite: the loss of epoch 1 with seed 0", "lost", "lost", "interrupted"]
        for number, cause in enumerate(causes):
            record = store.TrialRecord(setting, "failed", number=number, cause=cause)
            assert store.record_trial(database, study.id, record, "validation")
        find(database, "one").optuna_study().enqueue_trial({"m2": 0.1})
    (row,) = [line for line in sweeper("studies").out.splitlines() if line.startswith("one ")]
    assert " 1/4 (1 interrupted, 2 lost, 1 non-finite, 1 queued) " in row


def test_launch_says_what_is_wrong_in_one_line(sweeper, clouds):
    assert sweeper("launch", "one").err.startswith("sweeper: no database at sweeper.db; ")
    assert sweeper("run", clouds, "--study-name", "one", *SIZES).status == 0
    for arguments, status, line in [
        (("two",), 2, "sweeper: unknown study 'two'; "),
        (("one", "--time", "60"), 2, "sweeper: --time works only with --on slurm; "),
        (("one", "--on", "slurm", "--workers", "2"), 2, "sweeper: workers on a cluster share no"),
        (("one", "--on", "slurm", "--gpus", "2"), 2, "sweeper: a worker trains on one GPU: "),
        (("one", "--workers", "0"), 2, "sweeper launch: argument --workers: 0 is less than 1"),
        (("one", "--device", "tpu"), 2, "sweeper: unknown device 'tpu'; "),
    ]:
        done = sweeper("launch", *arguments)
        assert (done.status, done.out, done.err.count("\n")) == (status, "", 1)
        assert done.err.startswith(line)
