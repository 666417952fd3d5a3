"""What the note says, against values computed by hand."""

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.serve.note import END, keep_user_text, note
from sweeper.store.results.frames import trial_table
from sweeper.study.study_file import StudySpec


def text_of(study, storage="sqlite:///my data.db", has_sheet=False):
    summary = store.summarize(study.database, study.stored.name)
    return note(summary, trial_table(study.database, study.stored.id), storage, has_sheet)


def test_it_says_what_is_asked_of_what(study):
    text = text_of(study)
    for line in (
        "**Which m2 and scale of the arcface loss best classify images of the training classes?**",
        "| data | digits: 1,797 samples of 1×8×8, 10 classes |",
        "| net | compact, embedding of 64 numbers |",
        "| budget | 4 trials × 2 seeds × 3 epochs, batches of 128 |",
        "| searched | m2 -0.2 to 0.8, scale 2 to 128 (log); by tpe |",
        "| fixed | lr 0.002 |",
        "## 3 of 4 trials done (3 complete)",
    ):
        assert line in text.splitlines()


def test_it_says_how_training_differs_from_the_usual(begin, study):
    assert "| learning rate | cosine decay, lowered at each step |" in text_of(study)
    assert not any(word in text_of(study) for word in ("| augmentation |", "| terms |", " plus "))
    lines = text_of(
        begin(
            name="other",
            beside=["sigma2r", "center"],
            per_class=25,
            decay="epoch",
            augmentation={"crop": 4, "rotation": 0.25, "vertical_flip": True},
            space={"m2": {"low": 0, "high": 1}, "center": {"lambda": {"low": 0, "high": 1}}},
        )
    ).splitlines()
    for line in (
        "**Which m2 and center.lambda of the arcface loss plus center and sigma2r best classify "
        "images of the training classes?**",
        "| budget | 4 trials × 2 seeds × 3 epochs, batches of 25 of each class |",
        "| learning rate | cosine decay, lowered after each epoch |",
        "| augmentation | cropped at random after padding by 4 pixels, rotated by up to 0.25 "
        "radians, mirrored upside down |",
        "| terms | center, sigma2r |",
    ):
        assert line in lines


def test_the_terms_of_an_experiment_are_those_of_its_settings(begin):
    settings = [{"loss": "softmax", "beside": terms} for terms in ([], ["git"], ["git", "center"])]
    study = begin(kind="experiment", space=None, n_trials=None, fixed=None, settings=settings)
    assert "| terms | center, git |" in text_of(study).splitlines()


def test_an_option_that_no_trial_has_beyond_its_default_is_shown(begin):
    subcenters = {"low": 1, "high": 3, "step": 1}
    study = begin(space={"scale": {"low": 2, "high": 9}, "subcenters": subcenters})
    study.add(Setting("arcface", scale=8.0), accuracy=(0.9, 0.92))
    assert "trial 0: scale 8, subcenters 1 | 91.0 ± 1.4 %" in text_of(study)


def test_the_best_stands_beside_the_controls(study):
    lines = text_of(study).splitlines()
    for line in (
        "| setting | validation accuracy |",
        "| **best**, trial 1: m2 0.3, scale 16 | 94.0 ± 1.4 % |",
        "| plain softmax | 91.0 ± 1.4 % |",
        "| arcface as published (m2 0.5, scale 64) | 83.0 ± 4.2 % |",
    ):
        assert line in lines


def test_balanced_accuracy_stands_beside_accuracy(begin):
    study = begin()
    majority = {"majority baseline": (0.9, 0.9)}
    balanced = {"balanced accuracy": (0.5, 0.52)}
    study.add_control("softmax", accuracy=(0.4, 0.4))
    study.add(Setting("arcface", m2=0.1, scale=8.0), accuracy=(0.9, 0.91), **balanced, **majority)
    lines = text_of(study).splitlines()
    for line in (
        "| setting | validation accuracy | validation balanced accuracy |",
        "| **best**, trial 0: m2 0.1, scale 8 | 90.5 ± 0.7 % | 51.0 ± 1.4 % |",
        "| plain softmax | 40.0 ± 0.0 % | – |",
        "**Note**: no accuracy is clearly above the 90.0 % that always naming the largest class "
        "gets; the highest balanced accuracy is 51.0 ± 1.4 % of trial 0: m2 0.1, scale 8.",
    ):
        assert line in lines
    assert any(line.startswith("*balanced accuracy*: mean recall") for line in lines)


def test_it_says_whether_there_is_a_contact_sheet(study):
    assert "The contact sheet there shows images of each class" in text_of(study, has_sheet=True)
    assert "There is no contact sheet of the images: `sweeper run` draws it" in text_of(study)


def test_it_says_how_to_go_on(study):
    assert "    sweeper worker mine --storage 'sqlite:///my data.db'" in text_of(study)
    assert "sweeper worker mine\n\nwith `SWEEPER_STORAGE` set" in text_of(study, storage=None)
    study.add(Setting("arcface", m2=0.6, scale=8.0), accuracy=(0.5, 0.6))
    finished = text_of(study)
    assert "## All 4 trials done (4 complete)" in finished
    assert "sweeper results mine" in finished
    assert "sweeper worker" not in finished


def test_a_study_without_trials_says_so(begin):
    text = text_of(begin())
    assert "## 0 of 4 trials done" in text.splitlines()
    assert "No trial is complete yet." in text


def test_names_cannot_act_as_markdown(begin):
    lines = text_of(begin(name="a|b_*<i>*", net="mod_x.y:f")).splitlines()
    assert lines[0] == r"# a\|b\_\*\<i\>\*"
    assert r"| net | mod\_x.y:f, embedding of 64 numbers |" in lines
    assert any(line.startswith("    sweeper worker 'a|b_*<i>*'") for line in lines)


def test_two_objectives_have_a_best_each(begin):
    study = begin(objectives=["accuracy", "retrieval"])
    study.add(Setting("arcface", m2=0.0, scale=8.0), accuracy=(0.9, 0.92), retrieval=(0.5, 0.52))
    study.add(Setting("arcface", m2=0.1, scale=8.0), accuracy=(0.8, 0.82), retrieval=(0.6, 0.62))
    lines = text_of(study).splitlines()
    first, second = "trial 0: m2 0, scale 8", "trial 1: m2 0.1, scale 8"
    assert f"| **best accuracy**, {first} | 91.0 ± 1.4 % | 51.0 ± 1.4 % |" in lines
    assert f"| **best retrieval**, {second} | 81.0 ± 1.4 % | 61.0 ± 1.4 % |" in lines


def test_an_experiment_lists_its_settings_and_chooses_none(begin):
    study = begin(
        kind="experiment",
        space=None,
        n_trials=None,
        settings=[{"loss": "softmax"}, {"loss": "arcface", "m2": [0.1, 0.2], "scale": 16}],
    )
    for place, setting in enumerate(StudySpec.from_json(study.stored.spec).settings_list()):
        study.add(setting, accuracy=(0.9 - place / 10, 0.92 - place / 10))
    text = text_of(study)
    assert "**How well do 3 fixed settings classify images of the" in text
    for line in (
        "| setting | test accuracy |",
        "| trial 0: softmax | 91.0 ± 1.4 % |",
        "| trial 1: arcface (m2 0.1, scale 16) | 81.0 ± 1.4 % |",
        "| trial 2: arcface (m2 0.2, scale 16) | 71.0 ± 1.4 % |",
    ):
        assert line in text.splitlines()
    assert "best" not in text


def test_what_people_wrote_stays():
    assert keep_user_text(f"new\n\n{END}", "") == f"new\n\n{END}"
    before = f"old\n\n{END}\n\nmine"
    assert keep_user_text(f"new\n\n{END}", before) == f"new\n\n{END}\n\nmine"
    assert keep_user_text(f"new\n\n{END}", "a note of mine") == f"new\n\n{END}\n\na note of mine"
