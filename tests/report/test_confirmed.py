"""Confirmations in the results, in the list of studies and in the dashboard's note."""

import json
import statistics
from datetime import UTC, datetime
from subprocess import Popen

import pytest

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.report.confirmed import lines
from sweeper.report.results import print_json, print_table
from sweeper.report.studies import print_stored
from sweeper.serve.refresh import Refresher
from sweeper.store import Confirmation, EarlierRead, WorkerIdentity
from tests.support.confirmations import store_confirmation

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def by_seed(*values):
    return {"accuracy": dict(enumerate(values, 2))}


CONFIRMATION = Confirmation(
    1,
    3,
    {
        1: {"validation": by_seed(0.7, 0.8, 0.9), "test": by_seed(0.6, 0.7, 0.5)},
        "softmax": {"validation": by_seed(0.6, 0.6, 0.7), "test": by_seed(0.65, 0.6, 0.7)},
    },
    (EarlierRead("other", WHEN, "some"),),
)


@pytest.fixture
def searched(make_study, put):
    opened = make_study()
    put(opened, 1, values={"accuracy": [0.7, 0.8]})
    put(opened, "softmax", values={"accuracy": [0.4, 0.5]}, setting=Setting("softmax"))
    return opened


@pytest.fixture
def note_of(monkeypatch):
    """The note in the dashboard, as the server keeps it."""
    import optuna
    from optuna_dashboard import get_note

    def read(opened, refresher):
        assert refresher.look() == ["mine"]
        study = optuna.load_study(study_name="mine", storage=opened.database.optuna_storage)
        return get_note(study)

    return read


def test_a_finished_one_is_shown_everywhere(searched, outcome_of, note_of, capsys):
    refresher = Refresher(searched.database)
    assert "Confirmation" not in note_of(searched, refresher)
    store_confirmation(searched.database, searched.stored.id, CONFIRMATION)
    own = 100 * statistics.stdev([0.6, 0.7, 0.5])
    said = (
        f"confirmed on {TODAY} with 3 new seeds: trial 1 has test accuracy 60.0 ± {own:.1f} % "
        "(softmax 65.0 ± 5.0 %)"
    )
    higher = "plain softmax scored higher on test data than trial 1, by 5.00 points (within "

    print_table(outcome_of(searched))
    shown = capsys.readouterr().out
    assert said in shown.splitlines()
    assert "nothing beat plain softmax by more than its noise" in shown.splitlines()
    assert higher in shown
    assert "some of these test data were read before, by 'other' on 2026-01-02" in shown

    print_json(outcome_of(searched))
    content = json.loads(capsys.readouterr().out)["confirmation"]
    assert (content["state"], content["winner"], content["seeds"]) == ("finished", 1, 3)
    assert content["finished"].startswith(TODAY)
    assert content["values"]["softmax"]["test"]["accuracy"] == {"2": 0.65, "3": 0.6, "4": 0.7}
    assert content["verdict"] == lines(outcome_of(searched).confirmation, "accuracy")[1:3]
    assert content["test_data_read_before"] == [
        {"study": "other", "when": WHEN.isoformat(), "shared": "some"}
    ]

    print_stored(searched.database)
    head, row, *_ = capsys.readouterr().out.splitlines()
    assert head.rstrip().endswith("confirmed")
    assert row.rstrip().endswith(f"trial 1, test 60.0 ± {own:.1f} %")

    text = note_of(searched, refresher)
    assert "## Confirmation" in text
    assert higher in text
    assert refresher.look() == []


def test_one_that_goes_on_and_one_that_died(searched, outcome_of, capsys):
    database, study = searched.database, searched.stored.id
    process = Popen(["sleep", "60"])
    worker = WorkerIdentity("w", WorkerIdentity.here().host, process.pid)
    store.claim_confirmation(database, study, 3, worker)
    (line,) = lines(outcome_of(searched).confirmation, "accuracy")
    assert line.startswith(f"being confirmed since {TODAY} ")
    assert f"by process {process.pid} on " in line
    print_json(outcome_of(searched))
    assert json.loads(capsys.readouterr().out)["confirmation"]["state"] == "running"

    store.note_test_read(database, study, worker)
    process.kill()
    process.wait()
    (line,) = lines(outcome_of(searched).confirmation, "accuracy")
    assert line.startswith(f"a confirmation of this study that was interrupted on {TODAY} may have")
    print_stored(database)
    assert capsys.readouterr().out.splitlines()[1].rstrip().endswith("interrupted")
    print_json(outcome_of(searched))
    content = json.loads(capsys.readouterr().out)["confirmation"]
    assert content["state"] == "interrupted"
    assert len(content["test_data_read_before"]) == 1
