"""`sweeper report`."""

import pandas as pd


def test_from_the_study_to_the_page(sweeper, clouds, folder):
    sizes = ("--n-trials", 2, "--epochs", 1, "--seeds", 2)
    assert sweeper("run", clouds, "--study-name", "one", *sizes).status == 0
    done = sweeper("report", "one", "-o", "paper")
    assert (done.status, done.err) == (0, "")
    assert done.out == "paper/index.html\n"
    assert "sweeper report one -o paper" in (folder / "paper" / "index.html").read_text()
    trials = pd.read_csv(folder / "paper" / "one" / "trials.csv")
    assert trials["number"].count() == 2
    assert {"softmax", "arcface"} <= set(trials["control"])
    again = sweeper("report", "one", "-o", "paper")
    assert (again.status, again.out) == (0, done.out)


def test_what_cannot_be_reported(sweeper, clouds, folder):
    nothing = sweeper("report", "one", "-o", "paper")
    assert nothing.status == 1
    assert nothing.err.startswith("sweeper: no database at sweeper.db")
    sizes = ("--n-trials", 1, "--epochs", 1, "--seeds", 1, "--workers", 0)
    assert sweeper("run", clouds, "--study-name", "one", *sizes).status == 0
    unknown = sweeper("report", "one", "on", "-o", "paper")
    assert (unknown.status, unknown.err) == (
        2,
        "sweeper: unknown study 'on'; did you mean one?\n",
    )
    twice = sweeper("report", "one", "one", "-o", "paper")
    assert (twice.status, twice.err) == (2, "sweeper: study 'one' is named twice\n")
    (folder / "file").write_text("")
    (line,) = sweeper("report", "one", "-o", "file").err.splitlines()
    assert line == "sweeper: file is a file; give a folder with -o"
    assert not (folder / "paper").exists()


def test_embeddings_that_cannot_be_drawn(sweeper, clouds, folder):
    sizes = ("--n-trials", 1, "--epochs", 1, "--seeds", 1, "--workers", 0)
    assert sweeper("run", clouds, "--study-name", "one", *sizes).status == 0
    (line,) = sweeper("report", "one", "--features", "-o", "paper").err.splitlines()
    assert line.startswith("sweeper: one has an embedding of ")
    assert line.endswith("only two or three can be drawn; leave --features out")
    assert not (folder / "paper").exists()
