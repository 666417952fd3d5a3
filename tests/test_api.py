"""``sweeper.recommend`` on real images, with the repository that comes along."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

import sweeper
from sweeper import store
from sweeper.errors import SweeperError, UsageError
from sweeper.registry.setting import Setting
from sweeper.repository.meta_features.measure import meta_features
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.sources import all_results, shipped_measures, stored_choice
from sweeper.store import DatasetRecord, SeedRecord, StudyRecord, TaskRecord, TrialRecord

DIGITS = load_digits()
IMAGES = (DIGITS.images * 15.9).astype(np.uint8)
LABELS = DIGITS.target
VECTORS = IMAGES.reshape(len(IMAGES), -1).astype(np.float32)


def expected(inputs, labels, objective="accuracy", loss="combined", **training):
    """The same asked of the inner function, with every number written out."""
    asked = {"net": "compact", "start": "scratch", "epochs": 20, "batch_size": 32, "lr": 1e-3}
    asked |= {"embedding": 64, "num_classes": 10, "num_train": len(labels), "given": ()}
    optimizer = {"weight_decay": training.pop("weight_decay", 0.0)}
    optimizer |= {n: training.pop(n) for n in ("beside", "measures") if n in training}
    features = meta_features(inputs, torch.as_tensor(labels).long())
    choice = stored_choice(objective, None)
    known = all_results(None)
    plan = Plan(**{**asked, **training})
    return recommend(known, features, plan, objective, loss, choice=choice, **optimizer)


def test_images_are_recommended_for_as_a_search_would_train():
    inputs = torch.from_numpy(IMAGES)[:, None]
    answer = sweeper.recommend(IMAGES, LABELS)
    assert answer == expected(inputs, LABELS)  # 1797 images: 57 batches of 32, 18 epochs and up
    assert answer.known
    assert answer == sweeper.recommend(inputs, torch.from_numpy(LABELS).to(torch.uint8))
    words = np.array(["zero", "one", "two", "3", "4", "5", "6", "7", "8", "9"])[LABELS]
    assert answer == sweeper.recommend(IMAGES, words)


def test_every_wish_is_passed_on():
    wishes = {"objective": "compactness", "loss": "arcface", "net": "lenet", "embedding": 16}
    wishes |= {"epochs": 60, "lr": 2e-3, "weight_decay": 1e-4}
    large = np.kron(IMAGES[:300], np.ones((1, 2, 2), np.uint8))
    wishes |= {"start": "tuned", "batch_size": 16}
    answer = sweeper.recommend(large, LABELS[:300], **wishes)
    given = ("net", "start", "epochs", "batch_size", "lr", "embedding")
    asked = expected(torch.from_numpy(large)[:, None], LABELS[:300], **wishes, given=given)
    assert answer == asked
    assert answer.setting.lr == 2e-3


def test_a_term_is_answered_from_what_was_measured_of_it():
    answer = sweeper.recommend(IMAGES, LABELS, loss="softmax", beside="center")
    inputs, terms = torch.from_numpy(IMAGES)[:, None], {"beside": ("center",)}
    assert answer == expected(inputs, LABELS, loss="softmax", measures=shipped_measures(), **terms)
    assert answer.setting.terms == ("center",)
    assert answer.terms[0].tasks >= 15


def test_embeddings_have_the_margin_head_and_their_own_dimensions():
    answer = sweeper.recommend(VECTORS[:, :2] + 1, LABELS)
    training = {"net": "head", "start": "frozen", "embedding": 2}
    assert answer == expected(torch.from_numpy(VECTORS[:, :2] + 1), LABELS, **training)
    # CosFace's margin is at most 1 - cos 36° in two dimensions, of which 64 know nothing.
    formula = next(b.setting for b in answer.baselines if b.name.startswith("CosFace formula"))
    assert formula.m3 == pytest.approx(1 - np.cos(np.pi / 5))


def test_studies_of_a_database_join_in(sqlite_url):
    inputs, labels = IMAGES[:200], LABELS[:200]
    features = meta_features(torch.from_numpy(inputs)[:, None], torch.from_numpy(labels))
    best = Setting("arcface", m2=0.3, scale=16.0)
    with store.open_database(sqlite_url, create=True) as database:
        data = DatasetRecord("mine", "mine", "f" * 64, 200, 10, (1, 8, 8), tuple("abcdefghij"))
        task = TaskRecord(data, "compact", 64, 143, 32, 0.0, 0, "s" * 64)
        record = StudyRecord("mine", "search", task, "{}", 2, "0.1.0", optuna_study_id=1)
        stored = store.create_study(database, record)
        store.record_meta_features(database, task, features)
        for number, (setting, base) in enumerate(((Setting("softmax"), 0.8), (best, 0.9))):
            seeds = tuple(SeedRecord(s, {"accuracy": base + 0.01 * s}) for s in range(2))
            trial = TrialRecord(setting, "complete", number=number, seeds=seeds)
            assert store.record_trial(database, stored.id, trial, stored.split)
    answer = sweeper.recommend(inputs, labels, storage=sqlite_url)
    assert answer.nearest[0].task.startswith("mine, compact, 143 epochs")
    assert answer.nearest[0].distance == pytest.approx(0, abs=1e-6)
    assert answer.nearest[0].best == best
    assert not sweeper.recommend(inputs, labels).nearest[0].task.startswith("mine")


def test_the_callers_random_numbers_stay_as_they_are():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    sweeper.recommend(IMAGES[:200], LABELS[:200])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_net_of_ones_own_is_said_to_be_new():
    answer = sweeper.recommend(IMAGES, LABELS, net="resnet18")
    assert any("the net 'resnet18' is new" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"objective": "acuracy"}, "unknown objective 'acuracy'; did you mean accuracy"),
        ({"loss": "arcfaec"}, "unknown loss 'arcfaec'; did you mean arcface"),
        ({"beside": "centre"}, "unknown term 'centre'; did you mean center"),
        ({"beside": ["center", "center"]}, "the term center is named twice"),
        ({"net": "mlp"}, "net 'mlp' takes embeddings, the data are images; use compact"),
        ({"net": "lenet"}, "net 'lenet' needs images of at least 12x12 pixels"),
        ({"embedding": 1}, "an embedding needs at least 2 dimensions to have angles, not 1"),
        ({"embedding": 0}, "an embedding needs at least 2 dimensions to have angles, not 0"),
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"lr": 0.0}, "lr must be positive"),
        ({"weight_decay": -1.0}, "weight_decay must not be negative, not -1"),
        ({"storage": "mysql://host/name"}, "storage in 'mysql' is not supported"),
    ],
)
def test_bad_wishes_are_one_line(wishes, message):
    with pytest.raises(UsageError, match=message) as error:
        sweeper.recommend(IMAGES[:200], LABELS[:200], **wishes)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES[:50], LABELS[:49], r"labels: shape \[49\], but the images need \[50\]"),
        (IMAGES[:50].astype(float), LABELS[:50], "images: got float64"),
        (IMAGES[:50], [0] * 50, "labels: only one class"),
        (VECTORS[:50, :1], LABELS[:50], "an embedding needs at least 2 dimensions"),
    ],
)
def test_bad_data_are_one_line(images, labels, message):
    with pytest.raises(SweeperError, match=message) as error:
        sweeper.recommend(images, labels)
    assert "\n" not in str(error.value)


def test_a_database_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SweeperError, match="no database at"):
        sweeper.recommend(IMAGES[:200], LABELS[:200], storage=f"sqlite:///{tmp_path}/none.db")
