"""`sweeper recommend` for the way somebody trains, and plans that nothing is known of."""

import numpy as np
import pytest

from sweeper import store
from sweeper.store import open_database
from sweeper.study.study_file import StudySpec
from tests.support.recommend_schema import Answer

GIVEN = ("--net", "linear", "--epochs", 7, "--batch-size", 16, "--lr", 0.02, "--embedding", 16)


@pytest.fixture
def images(folder):
    """An .npz of 100 images of ten classes, noise."""
    pixels = np.random.default_rng(0).integers(0, 256, (100, 12, 12), dtype=np.uint8)
    np.savez(folder / "noise.npz", images=pixels, labels=np.arange(100) % 10)
    return folder / "noise.npz"


def asked(sweeper, *arguments):
    done = sweeper("recommend", *arguments, "--format", "json")
    assert (done.status, done.err) == (0, "")
    return Answer.model_validate_json(done.out)


def test_what_is_given_is_kept_and_the_rest_is_what_run_does(clouds, sweeper):
    given, assumed = asked(sweeper, clouds, *GIVEN), asked(sweeper, clouds)
    assert given.plan.model_dump() == {
        "net": "linear",
        "start": "frozen",
        "epochs": 7,
        "samples": 980,
        "batch_size": 16,
        "lr": 0.02,
        "embedding": 16,
        "num_classes": 7,
        "per_class": 20.0,
        "given": ["net", "epochs", "batch_size", "lr", "embedding"],
    }
    assert given.recommended.lr == 0.02
    # A search trains on 84 of the 140 points, 3 batches of 32: 334 epochs for a thousand steps.
    assert (assumed.plan.net, assumed.plan.epochs, assumed.plan.batch_size) == ("head", 334, 32)
    assert assumed.plan.given == []


def test_the_table_says_in_a_line_what_was_assumed(images, sweeper):
    said = " ".join(sweeper("recommend", images, "--epochs", 9, "--start", "tuned").out.split())
    assert (
        "for: compact from pretrained weights, 9 epochs (900 samples), batches of 32, "
        "embedding 64, 10 classes of 10 images; assumed, as in `sweeper run`: net, batch size, "
        "embedding"
    ) in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--epochs", 10**6), "100,000,000 samples"),
        (("--lr", 10), "lr"),
        (("--batch-size", 5000), "5,000"),
        (("--start", "frozen"), "not from the frozen body's features"),
    ],
)
def test_a_plan_beyond_all_that_is_known_has_its_caveat(images, options, words, sweeper):
    answer = asked(sweeper, images, *options)
    assert any(words in note for note in answer.notes)


@pytest.mark.parametrize("objective", ["accuracy", "retrieval", "compactness"])
@pytest.mark.parametrize("kind", ["images", "embeddings"])
def test_single_images_of_each_class_get_an_answer_with_a_caveat(objective, kind, folder, sweeper):
    rng = np.random.default_rng(0)
    data = {
        "images": rng.integers(0, 256, (20, 8, 8), dtype=np.uint8),
        "embeddings": rng.normal(size=(20, 8)).astype(np.float32),
    }
    np.savez(folder / "one.npz", **{kind: data[kind]}, labels=np.arange(20))
    net = "linear" if kind == "embeddings" else "compact"
    answer = asked(sweeper, "one.npz", "--objective", objective, "--net", net)
    assert "20 images of 20 classes: each has a single one" in " ".join(answer.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--lr", 0), "0 is not a positive number"),
        (("--lr", "nan"), "nan is not a positive number"),
        (("--lr", "fast"), "'fast' is not a number"),
        (("--epochs", 0), "0 is less than 1"),
        (("--embedding", 1), "at least 2 dimensions"),
        (("--start", "warm"), "invalid choice: 'warm'"),
        (("--net", "resnet18[weights=DEFAULT]", "--start", "frozen"), "whose start is tuned"),
        (("--start", "tuned", "--try"), "--try trains the net compact"),
    ],
)
def test_a_plan_that_cannot_be_is_one_line(images, options, words, sweeper):
    done = sweeper("recommend", images, *options)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert words in done.err


def test_a_search_trains_with_the_batches_and_dimensions_that_are_given(clouds, sweeper):
    small = ("--n-trials", 2, "--epochs", 1, "--seeds", 1, "--workers", 0)
    run = ("run", clouds, "--net", "linear", "--batch-size", 7, "--embedding", 5, *small)
    assert sweeper(*run).status == 0
    with open_database("sqlite:///sweeper.db") as database:
        (summary,) = store.list_studies(database)
        spec = StudySpec.from_json(summary.study.spec)
    assert (spec.batch_size, spec.embedding) == (7, 5)
    assert sweeper(*run).status == 0
    changed = sweeper(*run[: -len(small)], "--embedding", 6, *small)
    assert (changed.status, changed.err.count("\n")) == (2, 1)
    assert "embedding" in changed.err
