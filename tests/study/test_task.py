"""A study's data and its devices."""

import pytest
import torch

from sweeper.errors import SweeperError, UsageError
from sweeper.repository.meta_features.measure import meta_features
from sweeper.study.resolve import resolve
from sweeper.study.task import Task, pick_device, pick_devices


def test_names_are_canonical_and_the_net_settled(quick, embeddings, monkeypatch):
    monkeypatch.chdir(embeddings.parent)
    task = Task.load(quick(dataset=f"{embeddings.name}[ per_class=10 ]".replace("[ ", "[")))
    assert task.spec.dataset == f"{embeddings}[per_class=10]"
    assert task.spec.net == "head"
    again = Task.load(task.spec)
    assert again.spec == task.spec
    assert again.record == task.record


def test_the_record_tells_the_task(quick, study):
    record = Task.load(study(dataset="digits", objectives=["retrieval"], epochs=3)).record
    assert (record.net, record.embedding, record.epochs, record.batch_size) == (
        "compact",
        64,
        3,
        128,
    )
    assert 0 < record.hold_out < 1
    assert record.dataset.samples == 1797
    assert Task.load(quick()).record.hold_out == 0


def test_the_record_tells_the_split(quick):
    task = Task.load(quick())
    assert task.record.split_fingerprint == task.split.fingerprint()
    assert Task.load(quick(seed=1)).record.split_fingerprint != task.split.fingerprint()


def test_each_seed_has_a_fold_of_the_classes_and_the_study_knows_them(quick):
    task = Task.load(quick(objectives=["retrieval"], net="linear"))
    folds = task.spec.loaded.folds
    assert folds == tuple(each.trained_classes for each in task.split.folds)
    again = type(task.spec).from_json(task.spec.to_json())
    assert again.loaded == task.spec.loaded
    assert again.loaded.trained(5) == folds[1]
    assert task.record.split_fingerprint.endswith("-folds")
    assert len(task.split.train) == 3 * 20  # of seven classes two are tested, two held out
    both = Task.load(quick(objectives=["retrieval", "accuracy"], net="linear"))
    assert len(both.split.train) == 3 * 12
    assert not Task.load(quick()).spec.loaded.folds


def test_meta_features_are_a_mean_over_what_the_seeds_train_on(quick):
    task = Task.load(quick(objectives=["retrieval"], net="linear"))
    each = [
        meta_features(task.dataset.inputs[own.train], own.train_labels) for own in task.split.folds
    ]
    assert len({tuple(features.values()) for features in each}) == 4
    for name, value in task.features.items():
        assert value == pytest.approx(sum(features[name] for features in each) / 4)


def test_an_experiment_is_measured_on_test(quick):
    search = Task.load(quick())
    experiment = Task.load(quick(kind="experiment", settings=[{"loss": "softmax"}]))
    device = torch.device("cpu")
    for task, part in ((search, "validation"), (experiment, "test")):
        expected = task.dataset.inputs[getattr(task.split, part)]
        assert torch.equal(task.training_data(device).measured.inputs, expected)


def test_devices():
    gpus = torch.cuda.device_count()
    assert len(pick_devices("auto")) == max(1, gpus)
    assert pick_device("auto").type == ("cuda" if gpus else "cpu")
    assert pick_device("cpu") == torch.device("cpu")
    for name in ("gpu", "cuda:x", "meta", ""):
        with pytest.raises(UsageError, match=f"unknown device '{name}'"):
            pick_device(name)
    with pytest.raises(SweeperError, match=r"no device 'cuda:99' here .*; use --device cpu") as it:
        pick_device("cuda:99")
    assert it.value.status == 1
    assert "\n" not in str(it.value)


@pytest.mark.parametrize(
    ("dataset", "epochs", "batch_size"), [("digits", 30, 32), ("fuzzy-rgb", 24, 128)]
)
def test_sizes_suit_the_data_where_none_were_given(dataset, epochs, batch_size):
    spec = resolve(dataset)
    sized = Task.load(spec).sized().spec
    assert (sized.epochs, sized.batch_size) == (epochs, batch_size)
    assert Task.load(resolve(dataset, epochs=3)).sized().spec.epochs == 3


def test_a_study_whose_data_are_not_here_names_what_stands_in(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path))
    for scheme in ("http_proxy", "https_proxy"):  # connecting fails at once
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")
    with pytest.raises(SweeperError) as caught:
        Task.load(resolve("five-losses"))
    assert str(caught.value).startswith(f"cifar10: {tmp_path}/cifar-10-batches-bin is missing")
    assert str(caught.value).endswith("; without them, `sweeper run five-losses-fashion`")
