"""Bad input: one line on standard error that says what to do, and the database as it was."""

import shutil
import sqlite3
import textwrap

import numpy as np
import pytest
from PIL import Image

from sweeper.store.database.schema import known_versions

SMALL = ("--n-trials", 1, "--epochs", 1, "--seeds", 1, "--workers", 0)


def refused(done, status, *words):
    """Check that a command ended with one line that has these words."""
    assert done.status == status, done.err
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("sweeper")
    for word in words:
        assert word in done.err, done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["digit"], ["'digit' is neither a study nor a data set; did you mean", "digits"]),
        (["digits", "--loss", "arcfase"], ["unknown loss 'arcfase'; did you mean arcface"]),
        (["digits", "--loss", "softmax"], ["softmax has no margin or scale to search"]),
        (["digits", "--net", "compac"], ["unknown net 'compac'; did you mean compact"]),
        (["digits", "--net", "lenet"], ["needs images of at least 12x12 pixels"]),
        (["digits", "--net", "linear"], ["takes embeddings, the data are images"]),
        (["digits", "--net", "nowhere:net"], ["cannot import 'nowhere'"]),
        (["digits", "--sampler", "tpee"], ["unknown sampler 'tpee'; did you mean tpe?"]),
        (["digits", "--objective", "retreival"], ["'retreival'; did you mean retrieval?"]),
        (["digits", "--objective", "accuracy,"], ["objective"]),
        (["digits", "--beside", ""], ["--beside '' names no term", "leave it out, or name", "git"]),
        (["digits[per_clas=3]"], ["per_clas", "per_class"]),
        (["digits[classes=0-14]"], ["there is no class 10; the classes are 0-9"]),
        (["digits", "--n-trials", "0"], ["--n-trials: 0 is less than 1"]),
        (["digits", "--n-trials", "many"], ["--n-trials: 'many' is not a whole number"]),
        (["digits", "--seeds", "99999999999"], ["seeds"]),
        (["digits", "--workers", "x"], ["'x' is not a whole number"]),
        (["digits", "--storage", "mysql://host/db"], ["'mysql' is not supported"]),
        (["digits", "--storage", "sqlite://"], ["use a file"]),
        (["digits", "--storage", "sweeper.db"], ["not a valid URL"]),
        (["digits", "--device", "gpu"], ["unknown device 'gpu'; known: auto, cpu, cuda"]),
        (["digits-arcface-grid", "--loss", "arcface"], ["--loss is for data sets"]),
        (["there-is-no.toml"], ["there-is-no.toml: there is no such study file"]),
        ([], ["the following arguments are required: STUDY; see `sweeper run --help`"]),
        (["digits", "--bogus"], ["unrecognized arguments: --bogus; see `sweeper run --help`"]),
        (["digits", "--lr", "0.01"], ["lr is fixed or searched in a study file, under [fixed]"]),
        (["digits", "--weight-decay=1"], ["weight_decay is fixed", "'Study files' in README.md"]),
        (["digits", "--pruner", "meidan"], ["pruner", "did you mean median"]),
        (["digits", "--pruner", "racing", "--seeds", "1"], ["racing needs at least 2 seeds"]),
        (["digits-arcface-grid", "--pruner", "median"], ["--pruner is for data sets"]),
        (["digits", "--decay", "epoch"], ["(decay is set in a study file, see 'Study files'"]),
    ],
)
def test_usage(arguments, words, sweeper, folder):
    done = sweeper("run", *arguments)
    refused(done, 2, *words)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("dataset = 'digits", ["is no valid TOML"]),
        ("dataset = 'digits'\n[space]\nm4 = {low=0, high=1}", ["combined has no m4; did you mean"]),
        ("dataset = 'digits'\nepoch = 3", ["epoch", "epochs"]),
        ("dataset = 'digits'\nepochs = 'three'\n[space]\nm2={low=0, high=1}", ["epochs", "whole"]),
        ("dataset = 'digits'\nkind = 'serch'", ["kind", "did you mean search"]),
        ("[space]\nm2 = {low=0, high=1}", ["dataset", "is missing"]),
    ],
)
def test_study_files(content, words, sweeper, folder):
    file = folder / "mine.toml"
    file.write_text(content)
    refused(sweeper("run", file), 2, f"{file}: ", *words)
    assert list(folder.iterdir()) == [file]


def test_a_published_table_that_is_not_there(sweeper, folder):
    file = folder / "mine.toml"
    file.write_text("dataset='digits'\n[space]\nm2={low=0,high=1}\n[published]\ntable='no.csv'")
    refused(sweeper("run", file, *SMALL), 2, "study mine: there is no table 'no.csv'")
    assert list(folder.iterdir()) == [file]


def test_a_study_whose_file_changed(sweeper, folder):
    file = folder / "mine.toml"
    file.write_text("dataset='digits'\n[space]\nm2={low=0,high=1}\n")
    assert sweeper("run", file, *SMALL).status == 0
    before = (folder / "sweeper.db").read_bytes()
    file.write_text("dataset='digits'\nbatch_size=64\n[space]\nm2={low=0,high=0.9}\n")
    words = (
        "study 'mine' began with other values of batch_size (128, not 64), space.m2; put them back"
    )
    refused(sweeper("run", file, *SMALL), 2, words)
    assert (folder / "sweeper.db").read_bytes() == before
    assert sweeper("run", file, *SMALL, "--study-name", "other").status == 0


def test_data_that_changed(sweeper, folder, clouds):
    assert sweeper("run", clouds, *SMALL).status == 0
    arrays = dict(np.load(clouds))
    arrays["embeddings"][0, 0] += 1
    np.savez(clouds, **arrays)
    words = f"the data of study 'clouds.npz-combined-accuracy' ({clouds}) changed since it began"
    refused(sweeper("run", clouds, *SMALL), 1, words, "140 samples of the same classes and size")


def test_data_that_have_another_number_of_epochs_changed(sweeper, clouds):
    sized = ("--n-trials", 2, "--seeds", 1, "--workers", 0)
    assert sweeper("run", clouds, *sized).status == 0
    arrays = dict(np.load(clouds))
    np.savez(clouds, **{name: values[:80] for name, values in arrays.items()})
    words = "changed since it began (140 samples then, 80 now; gone: class '4', '5', '6')"
    refused(sweeper("run", clouds, *sized), 1, words)


@pytest.mark.parametrize(
    "command",
    [("results", "x"), ("worker", "x"), ("db", "check"), ("db", "upgrade"), ("db", "backup", "b")],
)
def test_a_database_that_is_not_there(command, sweeper, folder):
    refused(sweeper(*command), 1, "no database at sweeper.db; `sweeper run STUDY` makes one")
    assert list(folder.iterdir()) == []


def test_one_trial_has_no_rows_to_limit(sweeper, made):
    done = sweeper("results", "clouds.npz-combined-accuracy", "--trial", "0", "--limit", "3")
    refused(
        done,
        2,
        "--limit applies to the table of all trials and --trial shows only one; use one of them",
    )


def test_a_folder_that_is_not_there(sweeper, folder):
    done = sweeper("run", "digits", *SMALL, "--storage", f"sqlite:///{folder}/no/x.db")
    refused(done, 1, f"no folder {folder}/no for the database x.db; make it first")


@pytest.fixture
def made(sweeper, folder, clouds):
    assert sweeper("run", clouds, *SMALL).status == 0
    return folder / "sweeper.db"


def set_version(file, version):
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE sweeper_alembic_version SET version_num = ?", (version,))
    connection.close()


@pytest.mark.parametrize(
    ("version", "words"),
    [("9999", "its tables are newer (9999) than this sweeper; upgrade sweeper")],
)
def test_a_database_of_another_version(version, words, sweeper, made, clouds):
    set_version(made, version)
    before = made.read_bytes()
    for command in (("run", clouds, *SMALL), ("results", "x"), ("studies",), ("db", "check")):
        refused(sweeper(*command), 1, words)
    assert made.read_bytes() == before


def test_an_older_database(sweeper, made, clouds, monkeypatch):
    latest = known_versions()[-1]
    monkeypatch.setattr("sweeper.store.database.schema.known_versions", lambda: [latest, "9999"])
    words = f"its tables are older ({latest}) than this sweeper; run `sweeper db upgrade`"
    for command in (("run", clouds, *SMALL), ("results", "x"), ("studies",)):
        refused(sweeper(*command), 1, words)


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 99, b"SQLite format 3\0" + b"x" * 999]
)
def test_a_file_that_is_no_database(content, sweeper, folder, clouds):
    file = folder / "sweeper.db"
    file.write_bytes(content)
    for command in (("run", clouds, *SMALL), ("results", "x"), ("studies",), ("db", "check")):
        refused(sweeper(*command), 1, "sqlite:///sweeper.db: ", "database")
    assert file.read_bytes() == content


def test_a_server_that_is_not_there(sweeper, clouds):
    url = "postgresql://me:secret@127.0.0.1:1/x"
    done = sweeper("run", clouds, *SMALL, "--storage", url)
    refused(done, 1, "postgresql://me:***@127.0.0.1:1/x: ", "refused")
    assert "secret" not in done.err


def test_too_few_classes_for_retrieval(sweeper, folder):
    done = sweeper("run", "digits[classes=0-2]", "--objective", "retrieval", *SMALL)
    refused(done, 1, "digits[classes=0-2]", "retrieval", "classes")
    assert list(folder.iterdir()) == []


def test_nothing_that_retrieval_could_tell_apart(sweeper, folder, clouds):
    done = sweeper("run", clouds, "--objective", "retrieval", "--net", "head", *SMALL)
    refused(done, 2, "net 'head' leaves the embeddings as they are, so retrieval is the same")
    assert list(folder.iterdir()) == [clouds]


def images(folder, classes):
    generator = np.random.default_rng(0)
    for name, number in classes.items():
        (folder / name).mkdir(parents=True)
        for index in range(number):
            pixels = generator.integers(0, 255, (9, 9, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder


def test_image_folders(sweeper, folder):
    one = images(folder / "one", {"a": 3})
    refused(sweeper("run", one, *SMALL), 1, "only one class ('a')")
    empty = images(folder / "empty", {"a": 9, "b": 9, "c": 0})
    refused(sweeper("run", empty, *SMALL), 1, str(empty / "c"))
    broken = images(folder / "broken", {"a": 12, "b": 12})
    (broken / "b" / "7.png").write_bytes(b"no image")
    refused(sweeper("run", broken, *SMALL), 1, str(broken / "b" / "7.png"), "broken=skip")
    assert not (folder / "sweeper.db").exists()
    done = sweeper("run", f"{broken}[broken=skip]", *SMALL)
    assert done.status == 0, done.err
    refused(sweeper("run", folder / "nowhere", *SMALL), 1, "there is no file or folder")


def test_a_file_of_another_kind(sweeper, folder):
    (folder / "x.pickle").write_bytes(b"")
    refused(sweeper("run", "./x.pickle", *SMALL), 2, "is neither a folder nor a .csv or .npz file")


def test_results_of_a_study_that_is_not_there(sweeper, made):
    refused(
        sweeper("results", "clouds.npz-combined-acuracy"),
        2,
        "unknown study 'clouds.npz-combined-acuracy'; did you mean clouds.npz-combined-accuracy?",
    )
    refused(sweeper("worker", "clouds"), 2, "unknown study 'clouds'")


def test_a_backup_over_a_file(sweeper, made, folder):
    assert sweeper("db", "backup", "copy.db").status == 0
    before = (folder / "copy.db").read_bytes()
    refused(sweeper("db", "backup", "copy.db"), 1, "copy.db exists already")
    assert (folder / "copy.db").read_bytes() == before
    shutil.copy(folder / "copy.db", made)
    assert sweeper("db", "check").status == 0


def test_a_study_of_another_version(sweeper, made):
    with sqlite3.connect(made) as connection:
        connection.execute("UPDATE sweeper_studies SET spec = '{\"color\": 1}'")
    connection.close()
    done = sweeper("results", "clouds.npz-combined-accuracy")
    refused(done, 1, "stored study: ", "it was written by another version of sweeper")
    listed = sweeper("studies")
    assert listed.status == 0
    assert "0/1 " in listed.out
    assert "written by another version of sweeper (0.1.0)" in listed.out


def test_a_net_of_the_users_own(sweeper, folder, clouds):
    (folder / "odd_net.py").write_text(
        textwrap.dedent(
            """
            from torch import nn
            def short(shape, embedding):
                return nn.Linear(3, 4)
            def text(shape, embedding):
                return "net"
            def raises(shape, embedding):
                raise ValueError("not\\ntoday")
            """
        )
    )
    for name, words in {
        "short": "the net fails on inputs of (6,)",
        "text": "returned str, not a torch module",
        "gone": "'odd_net' has no function 'gone'",
    }.items():
        refused(sweeper("run", clouds, "--net", f"odd_net:{name}", *SMALL), 2, words)
    words = "net 'odd_net:raises' failed: ValueError: not today (odd_net.py, line 8)"
    refused(sweeper("run", clouds, "--net", "odd_net:raises", *SMALL), 1, words)
    assert not (folder / "sweeper.db").exists()


def test_a_task_of_the_clock_that_is_none(sweeper):
    done = sweeper("bench", "--to-answer", "--only", "resnet")
    refused(done, 2, "--only 'resnet': not part of any task's name", "compact on noisy digits")
