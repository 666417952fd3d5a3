"""`sweeper recommend`, `fit` and `repository`, and what `run` begins with."""

import json
import shutil
from itertools import product

import numpy as np
import pytest
from PIL import Image

from sweeper import store
from sweeper.registry.losses import LOSSES
from sweeper.repository import sources
from sweeper.store import open_database
from tests.support.recommend_schema import Answer

SMALL = ("--n-trials", 3, "--epochs", 1, "--seeds", 2, "--workers", 0)


@pytest.fixture
def photos(folder):
    """An image folder of three classes: noise around a gray of its own."""
    rng = np.random.default_rng(0)
    for gray, name in enumerate(("dark", "gray", "light")):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(30):
            pixels = (40 + 80 * gray + rng.normal(0, 30, (12, 12))).clip(0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(
                folder / "photos" / name / f"{number}.png"
            )
    return folder / "photos"


def test_an_answer_without_a_database(photos, folder, sweeper):
    done = sweeper("recommend", photos)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("accuracy: ")
    for words in ("plain softmax", "ArcFace (0.5, 64)", "AdaCos, fixed", "best constant"):
        assert words in done.out
    assert [path.name for path in folder.iterdir()] == ["photos"]


def test_json_has_what_the_interface_says_and_nothing_else_is_printed(clouds, sweeper):
    done = sweeper("recommend", clouds, "--loss", "arcface", "--format", "json")
    assert (done.status, done.err) == (0, "")
    answer = Answer.model_validate_json(done.out)
    assert {baseline.setting.loss for baseline in answer.baselines} <= {*LOSSES}


def test_a_term_and_the_losses_are_answered(clouds, sweeper):
    done = sweeper("recommend", clouds, "--loss", "any", "--beside", "center,sigma2r")
    assert (done.status, done.err) == (0, "")
    assert "each loss at its best" in done.out
    lines = done.out.splitlines()
    for term in ("center", "sigma2r"):
        assert any(line.startswith(f"  {term.ljust(25)}") for line in lines)
    softmax = sweeper("recommend", clouds, "--loss", "softmax", "--beside", "center")
    assert softmax.status == 0
    assert softmax.out.startswith("accuracy: softmax")


def test_the_order_of_images_makes_no_difference(clouds, folder, sweeper):
    with np.load(clouds) as arrays:
        order = np.random.default_rng(1).permutation(len(arrays["labels"]))
        np.savez("again.npz", **{name: arrays[name][order] for name in arrays})
    first, second = (
        json.loads(sweeper("recommend", path, "--format", "json").out)
        for path in (clouds, "again.npz")
    )
    for answer in (first, second):
        # The command that would find out names the file.
        answer["notes"] = [note for note in answer["notes"] if "sweeper run" not in note]
    assert first == second


def test_a_figure(clouds, folder, sweeper):
    done = sweeper("recommend", clouds, "--plot", "figure.html")
    assert (done.status, done.err) == (0, "figure: figure.html\n")
    assert "plotly" in (folder / "figure.html").read_text(encoding="utf-8")
    refused = sweeper("recommend", clouds, "--plot", "figure.png")
    assert (refused.status, refused.err.count("\n")) == (2, 1)


def test_what_was_found_in_the_images_is_told_with_the_answer(photos, sweeper):
    shutil.copy(photos / "dark" / "0.png", photos / "dark" / "again.png")
    for name in ("one", "two"):
        Image.new("L", (12, 12), 7).save(photos / "gray" / f"{name}.png")
    said = ("copies of others (identical): kept on one side", "images are of a single color")
    table = sweeper("recommend", photos)
    notes = json.loads(sweeper("recommend", photos, "--format", "json").out)["notes"]
    for words in said:
        assert words in table.out
        assert any(words in note for note in notes)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        *product(
            ("recommend", "run"),
            (("--objective", "acuracy"), ("--loss", "arcfac"), ("--net", "lenett")),
        ),
        ("recommend", ("--plot", "x.png")),
    ],
)
def test_usage_is_checked_before_anything_is_read(command, arguments, photos, sweeper, monkeypatch):
    monkeypatch.setattr("sweeper.data.load", lambda *_: pytest.fail("the data were read"))
    done = sweeper(command, photos, *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("digit",), 2, "did you mean digits"),
        (("digits", "--objective", "acuracy"), 2, "did you mean accuracy"),
        (("digits", "--objective", "accuracy,retrieval"), 2, "one at a time"),
        (("digits", "--loss", "arcfac"), 2, "did you mean arcface"),
        (("digits", "--loss", "triplet", "--beside", "center"), 2, "knows nothing of triplet"),
        (("digits", "--beside", "cente"), 2, "did you mean center"),
        (("digits", "--beside", "center,center"), 2, "named twice"),
        (("digits", "--beside", "git"), 2, "knows nothing of git yet; it knows of center, sigma2r"),
        (("digits", "--beside", "center=0.1"), 2, "λ is what is recommended"),
        (("demo-digits",), 2, "is a study"),
        (("digits", "--storage", "sqlite:///nowhere.db"), 1, "no database at nowhere.db"),
        (("unlabeled",), 1, "no subfolders"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_bad_input_is_one_line(arguments, status, words, folder, sweeper):
    (folder / "unlabeled").mkdir()
    Image.new("L", (8, 8)).save(folder / "unlabeled" / "one.png")
    arguments = ("./unlabeled",) if arguments == ("unlabeled",) else arguments
    done = sweeper("recommend", *arguments)
    assert (done.status, done.out) == (status, "")
    assert done.err.count("\n") == 1
    assert words in done.err


def edge_cases():
    """Data sets that are hard to say anything about, as images and labels."""
    rng = np.random.default_rng(0)
    two = rng.integers(0, 256, (20, 8, 8), dtype=np.uint8)
    yield "two images a class", two, np.arange(20) % 10
    many = rng.integers(0, 256, (10_000, 4, 4), dtype=np.uint8)
    yield "5,000 classes", many, np.arange(10_000) % 5_000
    yield "one image in two classes", np.repeat(two[:1], 40, axis=0), np.arange(40) % 2


@pytest.mark.parametrize("case", list(edge_cases()), ids=lambda case: case[0])
def test_odd_data_get_an_answer(case, folder, sweeper):
    _, images, labels = case
    np.savez(folder / "odd.npz", images=images, labels=labels)
    done = sweeper("recommend", "odd.npz", "--format", "json")
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out)["recommended"]["loss"] in LOSSES


def test_one_pixel_is_too_little_for_any_net(folder, sweeper):
    np.savez(folder / "dots.npz", images=np.zeros((60, 1, 1), np.uint8), labels=np.arange(60) % 3)
    done = sweeper("recommend", "dots.npz")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "1x1; use larger images" in done.err


def test_fit_keeps_its_choice_in_the_database(clouds, sweeper):
    done = sweeper("fit", "--objective", "retrieval")
    assert done.status == 0
    assert done.out.startswith("retrieval: ")
    assert "there is no database yet" in done.err
    found = json.loads(sweeper("fit", "--objective", "retrieval", "--format", "json").out)
    assert found["retrieval"]["regrets"]["each source left out"]["recommendation"]["regret"]
    assert "softmax + center" in done.out
    terms = {(each["loss"], each["term"]): each for each in found["retrieval"]["terms"]}
    assert terms["softmax", "center"]["regrets"]["no term"]["se"] > 0
    assert sweeper("run", clouds, *SMALL).status == 0
    assert sweeper("fit").status == 0
    with open_database("sqlite:///sweeper.db") as database:
        for objective in ("accuracy", "retrieval", "compactness"):
            assert store.find_choice(database, objective) is not None
    assert sweeper("fit", "--objective", "speed").status == 2


def test_a_search_joins_what_is_known_and_can_be_shared(clouds, folder, sweeper):
    assert sweeper("run", clouds, "--study-name", "one", *SMALL).status == 0
    nothing = sweeper("repository", "export", "none.zip")
    assert (nothing.status, nothing.err.count("\n")) == (1, 1)
    assert sweeper("worker", "one").status == 0
    assert sweeper("repository", "export", "known.zip").err.startswith("known.zip: 1 task, ")
    answer = json.loads(sweeper("recommend", clouds, "--net", "head", "--format", "json").out)
    assert answer["nearest"][0]["task"].startswith("clouds.npz, head, 1 epochs")

    there = ("--storage", "sqlite:///there.db")
    assert sweeper("repository", "import", "known.zip", *there).status == 0
    again = sweeper("repository", "import", "known.zip", *there)
    assert "already imported" in again.err
    with (
        open_database("sqlite:///sweeper.db") as here,
        open_database("sqlite:///there.db") as other,
    ):
        assert sources.database_results(other) == sources.database_results(here)
    (folder / "cut.zip").write_bytes((folder / "known.zip").read_bytes()[:-10])
    refused = sweeper("repository", "import", "cut.zip", *there)
    assert (refused.status, refused.err.count("\n")) == (1, 1)


def first_points(name):
    """What a study has queued, and who proposed it."""
    import optuna

    study = optuna.load_study(study_name=name, storage="sqlite:///sweeper.db")
    return [trial.user_attrs.get("proposed by") for trial in study.get_trials(deepcopy=False)]


def test_a_search_begins_with_what_is_known_unless_told_not_to(clouds, sweeper):
    warm = sweeper("run", clouds, "--study-name", "warm", *SMALL)
    assert "starts with settings suggested by other data sets (--cold skips them): " in warm.err
    queued = first_points("warm")
    assert 1 <= len(queued) <= 4
    assert set(queued) == {"the repository"}
    again = sweeper("run", clouds, "--study-name", "warm", *SMALL)
    assert "begins with" not in again.err
    assert len(first_points("warm")) == len(queued)
    cold = sweeper("run", clouds, "--study-name", "cold", "--cold", *SMALL)
    assert "begins with" not in cold.err
    assert first_points("cold") == []
    grid = sweeper("run", clouds, "--study-name", "grid", "--sampler", "grid", *SMALL)
    assert "begins with" not in grid.err
    assert first_points("grid") == []


@pytest.mark.long
def test_a_recommendation_put_to_the_test(clouds, begin, end):
    done = end(begin("recommend", clouds, "--loss", "arcface", "--try"))
    assert done.status == 0
    rows = [line for line in done.out.splitlines() if " % " in line and " ± " in line]
    names = [row.split("  ")[0] for row in rows]
    assert names[:2] == ["recommended", "shortlist, 2."]
    assert "plain softmax" in names
    assert "accuracy on test data" in done.out
