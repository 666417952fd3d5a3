"""Which studies have read the test data of a study, without training any of them."""

import shutil

import numpy as np
import pytest
from sqlalchemy import delete, update

from sweeper.confirm.earlier_reads import earlier_reads
from sweeper.store import (
    WorkerIdentity,
    claim_confirmation,
    delete_study,
    find_sample_digests,
    find_study,
    note_test_read,
)
from sweeper.store.database.tables import ConfirmationRow, SampleDigestsRow
from sweeper.study.open_study import find, record_tested
from tests.support.studies import make_embeddings


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: how reads are stored is tested with the store."""
    return sqlite_database


@pytest.fixture
def read(quick, start):
    """Start a study and let it have read its test split."""

    def begin(**content):
        opened = start(quick(**content))
        worker = WorkerIdentity.here()
        claim_confirmation(opened.database, opened.stored.id, 1, worker)
        note_test_read(opened.database, opened.stored.id, worker)

    return begin


def found(opened):
    return {earlier.study: earlier.shared for earlier in earlier_reads(opened)}


def test_a_study_does_not_tell_of_itself(quick, start, read):
    read()
    assert found(start(quick())) == {}


def test_copies_and_other_studies_on_the_same_data(quick, start, read, embeddings, tmp_path):
    opened = start(quick())
    assert found(opened) == {}
    shutil.copy(embeddings, tmp_path / "elsewhere.npz")
    read(name="a copy")
    read(name="other net", net="mlp", epochs=3)
    read(name="copied data", dataset=str(tmp_path / "elsewhere.npz"))
    read(name="other split", seed=3)
    read(name="retrieval", objectives=["retrieval"], net="linear")
    start(quick(name="has not read"))
    shared = found(opened)
    assert shared.pop("retrieval") == "some"
    assert shared == {
        "a copy": "all",
        "other net": "all",
        "copied data": "all",
        "other split": "some",
    }
    assert [each.study for each in earlier_reads(opened)][:2] == ["a copy", "other net"]


def test_a_study_that_was_deleted_has_read_all_the_same(quick, start, read):
    opened = start(quick())
    read(name="gone")
    with opened.database.session() as session:
        session.execute(update(ConfirmationRow).values(worker=None, host=None, pid=None))
    delete_study(opened.database, find_study(opened.database, "gone"))
    ((name, shared),) = found(opened).items()
    assert name.startswith("gone (no. ")
    assert shared == "all"


def test_overlap_is_that_of_the_samples(quick, start, read):
    """Against a comparison of the samples themselves."""
    opened = start(quick())
    for seed in (3, 4):
        read(name=f"seed {seed}", seed=seed)
        other = start(quick(name=f"seed {seed}", seed=seed)).task
        ours = {x.numpy().tobytes() for x in opened.task.dataset.inputs[opened.task.split.test]}
        theirs = {x.numpy().tobytes() for x in other.dataset.inputs[other.split.test]}
        assert ours & theirs
        assert not ours <= theirs
        assert found(opened)[f"seed {seed}"] == "some"


def save(path, embeddings, train, shift=0.0):
    """Write the embeddings with a given test part, the last of each class, and some to train on."""
    content = np.load(embeddings)
    part = np.where(np.arange(len(content["labels"])) % 20 < 15, "train", "test")
    keep = (part == "test") | (np.arange(len(part)) % 20 < train)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        embeddings=content["embeddings"][keep] + np.float32(shift),
        labels=content["labels"][keep],
        split=part[keep],
    )
    return str(path)


def test_a_copy_with_one_sample_less(quick, start, read, embeddings, tmp_path):
    """Its split is drawn anew: nearly all test samples are those of before, under other numbers."""
    content = dict(np.load(embeddings))
    np.savez(tmp_path / "less.npz", **{name: values[1:] for name, values in content.items()})
    read(name="before")
    opened = start(quick(dataset=str(tmp_path / "less.npz")))
    ours = {x.numpy().tobytes() for x in opened.task.dataset.inputs[opened.task.split.tested()]}
    before = start(quick(name="before")).task
    theirs = {x.numpy().tobytes() for x in before.dataset.inputs[before.split.tested()]}
    assert 0.5 * len(ours) < len(ours & theirs) < len(ours)
    assert found(opened) == {"before": "some"}


def test_samples_that_changed_in_part_are_no_less_read_than_if_all_had(
    quick, start, read, tmp_path
):
    """As features of one net do that round otherwise on another machine: one name, other values."""
    labels = np.arange(120) % 3
    values = np.random.default_rng(0).normal(size=(120, 6)) + labels[:, None]
    path = tmp_path / "same.npz"

    def save(changed):
        shift = 1e-3 * (np.arange(120) < changed)[:, None]
        np.savez(path, embeddings=(values + shift).astype(np.float32), labels=labels)
        return str(path)

    read(name="before", dataset=save(0))
    for changed in (60, 120):
        assert found(start(quick(name=str(changed), dataset=save(changed)))) == {"before": "all"}


def test_samples_of_a_study_of_before_are_stored_when_it_is_confirmed(quick, start):
    opened = start(quick())
    with opened.database.session() as session:
        session.execute(delete(SampleDigestsRow))
    fingerprint = opened.task.spec.loaded.tested
    opened = find(opened.database, opened.stored.name)
    assert find_sample_digests(opened.database, fingerprint) is None
    record_tested(opened)
    stored = find_sample_digests(opened.database, fingerprint)
    assert stored.tolist() == opened.task.tested_digests.tolist()


def test_one_test_part_beside_other_training_samples(quick, start, read, embeddings, tmp_path):
    read(name="few", dataset=save(tmp_path / "few.npz", embeddings, 8))
    assert found(start(quick(dataset=save(tmp_path / "all.npz", embeddings, 15)))) == {"few": "all"}


def test_other_samples_of_one_source_and_of_another(quick, start, read, embeddings, tmp_path):
    read(name="one source", dataset=save(tmp_path / "a" / "x" / "d.npz", embeddings, 15, 1.0))
    read(name="another", dataset=str(make_embeddings(tmp_path / "c.npz", seed=5)))
    opened = start(quick(dataset=save(tmp_path / "b" / "x" / "d.npz", embeddings, 15)))
    assert found(opened) == {"one source": "source"}


def test_experiments_with_results(quick, start, work):
    listed = start(quick(name="tried", kind="experiment", settings=[{"loss": "softmax"}], epochs=1))
    opened = start(quick())
    assert found(opened) == {}
    work(listed)
    assert found(opened) == {"tried": "all"}
