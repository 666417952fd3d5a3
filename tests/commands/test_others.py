"""`sweeper studies`, `data` and `db`."""

import re
import sqlite3

import pytest

from sweeper.search.resolve import builtin_studies


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
    assert check == (0, "", "sqlite:///sweeper.db: all is well\n")
    assert sweeper("db", "upgrade").status == 0
    assert sweeper("db", "backup", "copy.db").err == "copy.db: a copy of sqlite:///sweeper.db\n"
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
    assert done[2].startswith("going on with search one: ")
    assert re.search(
        r"\non cpu, \d trials? an array, 5 left to train: about \d+ s if no other", done[2]
    )
    assert done[2].endswith("5 trials done by this worker, controls included\n")
    again = sweeper("worker", "one")
    assert again[2].endswith("0 trials done by this worker, controls included\n")
    refused = sweeper("worker", "one", "--fuse", "0")
    assert (refused.status, refused.err.count("\n")) == (2, 1)
