"""A small task swept, written, read and checked, through a real database."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from sweeper.registry.setting import Setting
from sweeper.repository import files
from sweeper.repository.records import Repository
from sweeper.store import open_database
from tools.atlas import check, sweep, write
from tools.atlas.measures import KEY, measures
from tools.atlas.tasks import AtlasTask

pytestmark = pytest.mark.long

TASK = AtlasTask(
    "digits[per_class=20]", "compact", held_out=True, samples=200, batch_size=40, terms=True
)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('atlas') / 'atlas.db'}"
    assert sweep.sweep(TASK, url) == 0
    return url


@pytest.fixture(scope="module")
def folder(url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    assert write.write(url, folder, {"license": "MIT"}) == 1
    return folder


def test_the_repository_has_every_setting_and_seed(folder):
    repository = files.load(folder)
    results = repository.results
    assert set(results["objective"]) == {"accuracy", "retrieval", "compactness"}
    softmax = results[(results["loss"] == "softmax") & (results["objective"] == "accuracy")]
    assert sorted(softmax["seed"]) == list(range(8))
    settings = repository.settings(repository.tasks["id"][0])
    assert len(settings) == 1 + len(next(p for p in sweep.plan(TASK) if p.first).first)
    assert Setting("combined", m2=0.5, scale=64.0) in settings


def test_the_table_has_every_measure_and_the_terms(url, folder):
    table = write.committed(folder)
    with open_database(url) as database:
        stored = measures(database)
    assert len(table) == len(stored)
    merged = table.merge(stored, on=list(KEY), suffixes=("", "_stored"))
    assert len(merged) == len(table)
    for measure in ("accuracy", "retrieval", "compactness", "inter-class angle"):
        assert np.allclose(merged[measure], merged[f"{measure}_stored"], rtol=1e-5, equal_nan=True)
    terms = table[table["term"] != ""].groupby(["loss", "term"])["lambda"].nunique()
    assert terms.to_dict() == {
        (loss, term): 5 for loss in ("arcface", "softmax") for term in ("center", "sigma2r")
    }
    dictionary = pd.read_csv(folder / write.DICTIONARY)
    assert set(table.columns) <= set(dictionary["column"])


def test_cells_trained_again_agree_and_a_changed_one_does_not(folder):
    table = write.committed(folder)
    cells = list(check.check([TASK], table, tasks_checked=1, seed=3))
    assert len(cells) == 2 * 3
    assert all(math.isclose(cell.stored, cell.again, rel_tol=1e-4) for cell in cells)
    assert all(cell.agrees for cell in cells)
    table["accuracy"] = 1 - table["accuracy"]
    cells = list(check.check([TASK], table, tasks_checked=1, seed=3))
    assert not all(cell.agrees for cell in cells)


def test_written_again_nothing_changes_and_an_empty_database_loses_nothing(url, folder, tmp_path):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert write.write(url, folder, {"license": "MIT"}) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    with open_database(empty, create=True):
        pass
    assert write.write(empty, folder, {"license": "MIT", "device": "another"}) == 1
    assert len(write.committed(folder)) > 300
    said = json.loads((folder / files.PROVENANCE).read_text())["origin"]
    assert said["device"] == "another"
    assert said["earlier"].startswith("1 tasks: date ")


def test_data_that_were_made_are_of_the_source_that_the_file_of_tasks_says(folder):
    repository = files.load(folder)
    tasks = repository.tasks.assign(
        dataset="nouns-minilm.npz[per_class=5]", source="nouns-minilm.npz #123456"
    )
    named = write._with_sources(Repository(tasks, repository.results))
    assert named.tasks["source"].tolist() == ["wordnet"]
    assert write._with_sources(repository) == repository
