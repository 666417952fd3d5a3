"""What the note says, against values computed by hand."""

import pytest

from sweeper import store
from sweeper.serve.note import END, note, with_own_words
from sweeper.store.frames import trial_table


def text_of(study, storage="sqlite:///my data.db"):
    summary = store.summarise(study.database, study.stored.name)
    return note(summary, trial_table(study.database, study.stored.id), storage)


@pytest.fixture
def study(sqlite_study):
    return sqlite_study


def test_it_says_what_is_asked_of_what(study):
    text = text_of(study)
    for line in (
        "**Which m2 and scale of the arcface loss best put images of the trained classes into the "
        "right class?**",
        "| data | digits: 1,797 samples of 1×8×8, 10 classes |",
        "| net | compact, embedding of 64 numbers |",
        "| budget | 4 trials × 2 seeds × 3 epochs, batches of 128 |",
        "| searched | m2 -0.2 to 0.8, scale 2 to 128 (log); by tpe |",
        "| fixed | lr 0.002 |",
        "## 3 of 4 trials done (3 complete)",
    ):
        assert line in text.splitlines()


def test_the_best_stands_beside_the_controls(study):
    lines = text_of(study).splitlines()
    for line in (
        "| setting | validation accuracy |",
        "| **best**, trial 1: m2 0.3, scale 16 | 94.0 ± 1.4 % |",
        "| plain softmax | 91.0 ± 1.4 % |",
        "| arcface as published (m2 0.5, scale 64) | 83.0 ± 4.2 % |",
    ):
        assert line in lines


def test_it_says_how_to_go_on(study):
    assert "    sweeper worker mine --storage 'sqlite:///my data.db'" in text_of(study)
    assert "sweeper worker mine\n\nwith `SWEEPER_STORAGE` set" in text_of(study, storage=None)
    study.add(3, 0.6, 8.0, (0.5, 0.6))
    finished = text_of(study)
    assert "## All 4 trials done (4 complete)" in finished
    assert "sweeper results mine" in finished
    assert "sweeper worker" not in finished


def test_a_study_without_trials_says_so(sqlite_study):
    table = trial_table(sqlite_study.database, sqlite_study.stored.id).iloc[:0]
    summary = store.summarise(sqlite_study.database, "mine")
    assert "No trial is complete yet." in note(summary, table, None)


def test_names_cannot_act_as_markdown(another_sqlite):
    study = another_sqlite(name="a|b_*<i>*", net="mod_x.y:f")
    lines = text_of(study).splitlines()
    assert lines[0] == r"# a\|b\_\*\<i\>\*"
    assert r"| net | mod\_x.y:f, embedding of 64 numbers |" in lines
    assert any(line.startswith("    sweeper worker 'a|b_*<i>*'") for line in lines)


def test_two_objectives_have_a_best_each(another_sqlite):
    study = another_sqlite(name="two", objectives=["accuracy", "retrieval"])
    table = trial_table(study.database, study.stored.id)
    row = {"control": None, "state": "complete", "loss": "arcface", "m1": 1.0, "m3": 0.0}
    row |= {"lr": 1e-3, "weight_decay": 0.0, "epochs": 3, "seeds": 2}
    for number, (accuracy, retrieval) in enumerate([(0.9, 0.5), (0.8, 0.6)]):
        table.loc[number] = {
            **dict.fromkeys(table.columns),
            **row,
            **{"number": number, "m2": number / 10, "scale": 8.0},
        }
        for name, value in (("accuracy", accuracy), ("retrieval", retrieval)):
            table.loc[number, [name, f"{name}_std"]] = [value, 0.01]
    text = note(store.summarise(study.database, "two"), table, None)
    assert "| **best accuracy**, trial 0: m2 0, scale 8 | 90.0 ± 1.0 % | 50.0 ± 1.0 % |" in text
    assert "| **best retrieval**, trial 1: m2 0.1, scale 8 | 80.0 ± 1.0 % | 60.0 ± 1.0 % |" in text


@pytest.fixture
def another_sqlite(sqlite_study):
    from copy import copy

    make = copy(sqlite_study).another
    return make


def test_an_experiment_lists_its_settings(another_sqlite):
    ...


def test_what_people_wrote_stays():
    assert with_own_words(f"new\n\n{END}", "") == f"new\n\n{END}"
    before = f"old\n\n{END}\n\nmine"
    assert with_own_words(f"new\n\n{END}", before) == f"new\n\n{END}\n\nmine"
    assert with_own_words(f"new\n\n{END}", "a note of mine") == f"new\n\n{END}\n\na note of mine"
