"""`sweeper studies`, `data` and `db`."""

import re
import sqlite3

import numpy as np
import pytest
from PIL import Image

from sweeper.study.resolve import builtin_studies


def test_studies_without_a_database(sweeper, folder):
    done = sweeper("studies")
    assert done.status == 0
    assert done.err.startswith("no database at sweeper.db; ")
    for name in builtin_studies():
        assert f"\n{name} " in done.out
    assert list(folder.iterdir()) == []


def test_studies(sweeper, clouds, folder):
    sizes = ("--n-trials", 2, "--epochs", 1, "--seeds", 2, "--workers", 0)
    for name in ("one", "two"):
        assert sweeper("run", clouds, "--study-name", name, *sizes).status == 0
    assert sweeper("worker", "one").status == 0
    objectives = ("--objective", "accuracy,compactness", "--net", "linear")
    assert sweeper("run", clouds, *objectives, *sizes).status == 0
    done = sweeper("studies")
    assert (done.status, done.err) == (0, "")
    lines = {line.split()[0]: line for line in done.out.splitlines() if line}
    assert " 2/2 " in lines["one"]
    assert " % " in lines["one"]
    assert "combined (" in lines["one"]
    assert " 0/2 " in lines["two"]
    assert "accuracy, compactness" in lines["clouds.npz-combined-accuracy+compactness"]
    assert "digits-arcface-grid" in lines


def test_a_worker_on_several_studies(sweeper, clouds):
    sizes = ("--n-trials", 2, "--seeds", 2, "--workers", 0)
    for name, epochs in (("one", 1), ("two", 1), ("longer", 2)):
        given = (clouds, "--study-name", name, "--epochs", epochs)
        assert sweeper("run", *given, *sizes).status == 0
    refused = sweeper("worker", "one", "two", "longer")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.splitlines()[-1] == (
        "sweeper: studies 'one' and 'longer' cannot be trained together: epochs is 1 in one and "
        "2 in the other"
    )
    assert sweeper("worker", "one", "three").status == 2
    done = sweeper("worker", "one", "two")
    assert done.status == 0
    assert " 16 left to train" in done.err
    assert done.err.endswith("16 trials done by this worker, controls included\n")
    lines = {line.split()[0]: line for line in sweeper("studies").out.splitlines() if line}
    assert " 2/2 " in lines["one"]
    assert " 2/2 " in lines["two"]
    assert " 0/2 " in lines["longer"]
    again = sweeper("worker", "one")
    assert (again.status, again.out) == (0, "")
    assert "the study is finished: see `sweeper results one`\n" in again.err


def test_a_folder_for_checkpoints_that_is_not_there(sweeper, clouds, folder):
    done = sweeper("run", clouds, "--checkpoints", "nowhere")
    assert (done.status, done.out) == (2, "")
    assert "nowhere does not exist; make it where all workers see it" in done.err
    (folder / "file").touch()
    assert "file is not a folder" in sweeper("run", clouds, "--checkpoints", "file").err
    assert list(folder.glob("*.db")) == []


def test_another_version_may_be_read_but_not_worked_on(sweeper, clouds, folder):
    sizes = ("--n-trials", 2, "--epochs", 1, "--seeds", 1)
    given = (clouds, "--study-name", "one", *sizes)
    assert sweeper("run", *given).status == 0
    with sqlite3.connect(folder / "sweeper.db") as connection:
        connection.execute("UPDATE sweeper_studies SET code_version = '0.0.1'")
    connection.close()
    for command in (("run", *given, "--n-trials", 3), ("worker", "one"), ("launch", "one")):
        refused = sweeper(*command)
        assert (refused.status, refused.out) == (1, ""), refused
        assert "0.0.1" in refused.err.splitlines()[-1]
        assert "--study-name" in refused.err.splitlines()[-1]
    assert sweeper("results", "one").status == 0
    assert sweeper("studies").status == 0
    assert sweeper("recommend", clouds).status == 0


def test_an_empty_database(sweeper, clouds, sqlite_database, sqlite_url):
    done = sweeper("studies", "--storage", sqlite_url)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("no studies in this database yet")


def test_data_list(sweeper):
    done = sweeper("data", "list")
    assert (done.status, done.err) == (0, "")
    rows = {line.split()[0]: line for line in done.out.splitlines()}
    assert "1,797" in rows["digits"]
    assert " yes " in rows["digits"]
    assert {"mnist-5k", "fuzzy-rgb", "fashion-mnist", "cifar10"} <= rows.keys()


def test_data_check(sweeper, clouds):
    done = sweeper("data", "check", "digits[classes=0-4, per_class=30]")
    assert (done.status, done.err) == (0, "")
    assert "150 images of 1×8×8" in done.out
    assert "train 90, validation 30, test 30" in done.out
    done = sweeper("data", "check", clouds)
    assert "140 embeddings of 6" in done.out
    assert sweeper("data", "check", "digit").status == 2


def test_db(sweeper, clouds, folder, sqlite_url):
    sizes = ("--n-trials", 2, "--epochs", 1, "--seeds", 1, "--workers", 0)
    assert sweeper("run", clouds, "--study-name", "one", *sizes).status == 0
    assert sweeper("worker", "one").status == 0
    check = sweeper("db", "check")
    assert check == (0, "", "sqlite:///sweeper.db: no problems\n")
    assert sweeper("db", "upgrade").status == 0
    assert sweeper("db", "backup", "copy.db").err == "copied sqlite:///sweeper.db to copy.db\n"
    results = sweeper("results", "one", "--format", "json").out
    copied = sweeper("results", "one", "--format", "json", "--storage", "sqlite:///copy.db")
    assert copied == (0, results, "")
    with sqlite3.connect(folder / "copy.db") as connection:
        connection.execute("ALTER TABLE sweeper_trials DROP COLUMN device")
    connection.close()
    broken = sweeper("db", "check", "--storage", "sqlite:///copy.db")
    assert (broken.status, broken.out) == (1, "")
    assert broken.err.count("\n") == 1
    assert "device" in broken.err


@pytest.mark.parametrize("fuse", ["auto", "2"])
def test_worker(fuse, sweeper, clouds):
    sizes = ("--n-trials", 3, "--epochs", 1, "--seeds", 1, "--workers", 0)
    assert sweeper("run", clouds, "--study-name", "one", *sizes).status == 0
    done = sweeper("worker", "one", "--fuse", fuse, "--device", "cpu")
    assert done[:2] == (0, "")
    assert done[2].startswith("resuming search one: ")
    assert re.search(
        r"\non cpu, \d trials? per array, 9 left to train: about \d+ s if no other", done[2]
    )
    assert done[2].endswith("9 trials done by this worker, controls included\n")
    again = sweeper("worker", "one")
    assert again[2].endswith("0 trials done by this worker, controls included\n")
    refused = sweeper("worker", "one", "--fuse", "0")
    assert (refused.status, refused.err.count("\n")) == (2, 1)


def test_a_check_of_what_cannot_be_split_shows_what_was_found_first(sweeper, folder):
    for number in range(8):
        name = "DISC" if number == 0 else "disc" if number < 4 else "ring"
        (folder / "data" / name).mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (12, 12), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "data" / name / f"{number}.png")
    done = sweeper("data", "check", "data")
    assert done.status == 1
    assert "names look alike" in done.out
    (line,) = done.err.splitlines()
    assert "data: class 'DISC' has too few images to split: 1, where 3 are needed" in line


def test_a_list_of_classes_with_commas_says_how_they_are_joined(sweeper):
    done = sweeper("data", "check", "digits[classes=1,2]")
    assert (done.status, done.out) == (2, "")
    assert "several classes are joined by +, as in classes=cat+dog" in done.err
