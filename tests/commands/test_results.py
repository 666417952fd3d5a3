"""`sweeper results`, from a study that was really trained."""

import io
import json

import pandas as pd
import pytest

from sweeper.store import open_database
from sweeper.store.results.frames import trial_table
from sweeper.study.open_study import find


@pytest.fixture
def study(sweeper, clouds):
    sizes = ("--n-trials", 3, "--epochs", 1, "--seeds", 2, "--sampler", "random")
    assert sweeper("run", clouds, "--study-name", "mine", *sizes, "--workers", 0).status == 0
    assert sweeper("worker", "mine", "--device", "cpu").status == 0
    with open_database("sqlite:///sweeper.db") as database:
        yield find(database, "mine")


def test_all_forms_say_the_same(study, sweeper):
    table = sweeper("results", "mine")
    csv = sweeper("results", "mine", "--format", "csv")
    js = sweeper("results", "mine", "--format", "json")
    for done in (table, csv, js):
        assert (done.status, done.err) == (0, "")
    frame = pd.read_csv(io.StringIO(csv.out))
    content = json.loads(js.out)
    stored = trial_table(study.database, study.stored.id)
    trials = study.optuna_study().trials
    for index, entry in enumerate([*content["trials"], *content["controls"]]):
        assert entry["values"]["accuracy"] == pytest.approx(stored["accuracy"][index])
        assert entry["spread"]["accuracy"] == pytest.approx(stored["accuracy_std"][index])
        assert frame["accuracy"][index] == pytest.approx(stored["accuracy"][index])
        shown = f"{100 * stored['accuracy'][index]:.1f} ± {100 * stored['accuracy_std'][index]:.1f}"
        assert shown in table.out
        if index < 3:
            assert trials[index].value == pytest.approx(entry["values"]["accuracy"])
            params = {"loss": "combined", "lr": 1e-3, "weight_decay": 0.0, **trials[index].params}
            assert entry["params"] == params
    assert content["states"]["complete"] == 3
    ranked = sorted(content["trials"], key=lambda entry: -entry["values"]["accuracy"])
    assert content["best"] == [ranked[0]["number"]]
    assert table.out.splitlines()[1].startswith(f"trial {ranked[0]['number']} ")
    limited = sweeper("results", "mine", "--limit", 1).out
    assert "the best 1 shown" in limited
