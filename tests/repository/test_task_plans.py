"""What tells how a task was trained, also where an older repository does not say it."""

import hashlib
import io
import json
import zipfile

import pandas as pd
import pytest

from sweeper.errors import SweeperError
from sweeper.repository import archive, files
from sweeper.repository.records import Repository
from sweeper.repository.task_plans import start_of, with_plans


@pytest.mark.parametrize(
    ("net", "is_embedding", "start"),
    [
        ("lenet", False, "scratch"),
        ("mlp", True, "frozen"),
        ("resnet18[weights=DEFAULT]", False, "tuned"),
        ("resnet18[weights=DEFAULT, body=frozen, head=mlp]", False, "frozen"),
        ("somebody's[net", False, "scratch"),
    ],
)
def test_what_a_net_starts_from(net, is_embedding, start):
    assert start_of(net, is_embedding) == start


@pytest.mark.parametrize("as_text", [False, True])
def test_what_older_tasks_do_not_say_is_filled(as_text):
    tasks = pd.DataFrame(
        {
            "id": ["a, lenet, 3 epochs #123456", "b, mlp, 2 epochs, classes held out #abcdef"],
            "net": ["lenet", "mlp"],
            "epochs": [3, 2],
            "num_train": [100, 50],
            "is_embedding": [0.0, 1.0],
        }
    )
    filled = with_plans(tasks.astype(str) if as_text else tasks)
    assert list(filled["start"]) == ["scratch", "frozen"]
    assert list(filled["samples"].astype(int)) == [300, 100]
    assert list(filled["split"]) == ["images", "classes"]
    assert with_plans(filled).equals(filled)


def test_what_is_said_is_kept():
    tasks = pd.DataFrame({"id": ["a"], "net": ["lenet"], "epochs": [3], "num_train": [100]})
    said = tasks.assign(start="tuned", samples=7, split="folds")
    assert with_plans(said).equals(said)


def test_a_file_of_version_1_is_read(world, tmp_path):
    """As older programs wrote it: three columns fewer."""
    repository = world().repository(sources=3, settings=4, seeds=2)
    path = tmp_path / "known.zip"
    files.export(repository, path)
    with zipfile.ZipFile(path) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    tasks = pd.read_csv(io.BytesIO(content[files.TASKS]), dtype=str)
    old = tasks.drop(columns=["start", "samples", "split"]).to_csv(index=False).encode()
    provenance = json.loads(content[files.PROVENANCE])
    provenance["version"] = 1
    provenance["sha256"][files.TASKS] = hashlib.sha256(old).hexdigest()
    content |= {files.TASKS: old, files.PROVENANCE: json.dumps(provenance).encode()}
    path.write_bytes(archive.pack(content))
    assert files.load(path) == repository


def test_a_start_that_nobody_knows_is_refused(world, tmp_path):
    repository = world().repository(sources=3, settings=4, seeds=2)
    tasks = repository.tasks.assign(start="warm")
    with pytest.raises(SweeperError, match="start is none of scratch, tuned, frozen"):
        files.export(Repository(tasks, repository.results), tmp_path / "x.zip")
