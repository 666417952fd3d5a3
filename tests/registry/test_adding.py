"""To add a loss, a term, a net, a data set, a sampler, a pruner or an objective is one record.

A toy of each kind is added and goes through a whole study.
"""

import json

import pytest

from sweeper.cli import main
from sweeper.registry.datasets import DATASETS
from sweeper.registry.losses import LOSSES
from sweeper.registry.nets import NETS
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.pruners import PRUNERS
from sweeper.registry.samplers import SAMPLERS
from sweeper.registry.terms import TERMS
from sweeper.serve.note import END
from sweeper.serve.publish import publish
from sweeper.store import find_study, open_database
from tests.support import toys

STUDY = """
dataset = "toy-clouds"
net = "toy-net"
embedding = 3
loss = "toy-loss"
beside = ["toy-term"]
objectives = ["toy-error"]
sampler = "toy-sampler"
pruner = "toy-pruner"
epochs = 3
seeds = 2
batch_size = 16
n_trials = 3

[space]
temperament = { low = 0.5, high = 8.0, log = true }

[fixed]
toy-term.lambda = 0.5
"""


@pytest.fixture(autouse=True)
def added(monkeypatch, tmp_path):
    """A toy of each kind among the records, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEPER_STORAGE", f"sqlite:///{tmp_path / 'sweeper.db'}")
    for registry, record in (
        (LOSSES, toys.LOSS),
        (TERMS, toys.TERM),
        (OBJECTIVES, toys.OBJECTIVE),
        (NETS, toys.NET),
        (DATASETS, toys.DATASET),
        (SAMPLERS, toys.SAMPLER),
        (PRUNERS, toys.PRUNER),
    ):
        monkeypatch.setitem(registry, record.name, record)


@pytest.fixture
def done(tmp_path, capsys):
    """The study of toys, trained to its end."""
    (tmp_path / "toys.toml").write_text(STUDY, encoding="utf-8")
    # The worker in this process: those that `run` starts read the records anew.
    assert main(["run", "toys.toml", "--workers", "0"]) == 0
    assert main(["worker", "toys", "--device", "cpu"]) == 0
    capsys.readouterr()
    return tmp_path


def told(capsys, *arguments):
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_a_study_of_toys_has_results(done, capsys):
    results = json.loads(told(capsys, "results", "toys", "--format", "json"))
    assert results["objectives"] == ["toy-error"]
    assert results["states"]["complete"] == 3
    for trial in results["trials"]:
        assert trial["params"]["loss"] == "toy-loss"
        assert trial["params"]["beside"] == ["toy-term"]
        assert 0.5 <= trial["params"]["temperament"] <= 8
        assert trial["params"]["toy-term.lambda"] == 0.5
        assert 0 <= trial["values"]["toy-error"] <= 1
        assert trial["values"]["toy-error"] == pytest.approx(1 - trial["values"]["accuracy"])
    errors = {trial["number"]: trial["values"]["toy-error"] for trial in results["trials"]}
    assert errors[results["best"][0]] == min(errors.values())
    controls = {control["control"]: control["params"] for control in results["controls"]}
    assert list(controls) == ["softmax", "toy-loss"]
    assert controls["toy-loss"]["temperament"] == 4


def test_its_table_and_its_csv_have_the_words_of_the_records(done, capsys):
    table = told(capsys, "results", "toys")
    assert "temperament" in table
    assert "toy-error: share of the toys that are missed" in table
    assert " %" in table
    head, *rows = told(capsys, "results", "toys", "--format", "csv").splitlines()
    assert {"temperament", "toy-term.lambda", "toy-error", "toy-error_std"} <= {*head.split(",")}
    assert len(rows) == 5


def test_the_dashboard_has_them_too(done):
    with open_database(f"sqlite:///{done / 'sweeper.db'}") as database:
        study = find_study(database, "toys")
        publish(database, study)
        attributes = database.optuna_storage.get_study_system_attrs(study.optuna_study_id)
    text = str(attributes)
    assert END in text
    assert "miss fewest toys" in text
    assert "share of the validation toys that are missed" in text
    assert "temperament of the toy" in text
    assert "missed toys" in text


def test_a_data_set_is_searched_without_a_study_file(capsys):
    options = ("--net", "toy-net", "--loss", "toy-loss", "--beside", "toy-term")
    more = ("--objective", "toy-error", "--sampler", "toy-sampler", "--workers", "0")
    assert main(["run", "toy-clouds", *options, *more]) == 0
    assert "toy-clouds-toy-loss+toy-term-toy-error" in capsys.readouterr().err
    assert "four clouds" in told(capsys, "data", "list")


def test_help_and_messages_name_them(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    shown = " ".join(capsys.readouterr().out.split()).replace("- ", "-")  # lines end at hyphens
    for name in ("toy-loss", "toy-term", "toy-error", "toy-net", "toy-sampler"):
        assert name in shown
    assert main(["run", "digits", "--loss", "toy-los"]) == 2
    assert "did you mean toy-loss" in capsys.readouterr().err
