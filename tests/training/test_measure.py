"""Measures of an array against the same measures of each member, by plain loops."""

import pytest
import torch

from sweeper.setting import Setting
from sweeper.training import Array, measure, validation_accuracy

SETTINGS = [Setting("softmax"), Setting("arcface", m2=0.3, scale=16), Setting("cosface", m3=0.2)]


@pytest.fixture
def array(make_data):
    array = Array(make_data(held_out=True), SETTINGS, [0, 1], "compact", 4, 2, 16)
    array.train_epoch()
    return array


def test_accuracy_and_recall_are_counted_right(array):
    measures = measure(array, ["accuracy"])
    features = array.embed(array.data.measured.inputs)
    labels = array.data.measured.labels
    for r in range(2):
        for k, setting in enumerate(SETTINGS):
            member = r * len(SETTINGS) + k
            right = [0] * 3
            for x, y in zip(features[member], labels.tolist(), strict=True):
                scores = array.criterion.logits(features[:, :1] * 0 + x)[member, 0]
                right[y] += int(scores.argmax().item() == y)
            assert measures.values["accuracy"][r, k].item() == pytest.approx(
                sum(right) / len(labels)
            )
            assert measures.recall[r, k].tolist() == pytest.approx([n / 10 for n in right]), setting


def test_the_curve_is_of_the_validation_samples(array):
    logits = array.criterion.logits(array.embed(array.data.validation.inputs))
    right = (logits.argmax(dim=-1) == array.data.validation.labels).double().mean(dim=1)
    torch.testing.assert_close(validation_accuracy(array).double(), right.view(2, 3))


def test_spread_and_compactness_are_those_of_unit_length_embeddings(array):
    measures = measure(array, ["compactness"])
    features = torch.nn.functional.normalize(array.embed(array.data.measured.inputs), dim=-1)
    labels = array.data.measured.labels
    for member in range(6):
        means = [features[member, labels == c].mean(dim=0) for c in range(3)]
        spreads = [
            ((features[member, labels == c] - means[c]).square().sum() / 9).sqrt() for c in range(3)
        ]
        apart = [(means[a] - means[b]).norm() for a, b in [(0, 1), (0, 2), (1, 2)]]
        expected = torch.stack(spreads).mean() / torch.stack(apart).mean()
        r, k = divmod(member, 3)
        torch.testing.assert_close(measures.spread[r, k].double(), torch.stack(spreads))
        torch.testing.assert_close(measures.values["compactness"][r, k].double(), expected)


def test_evaluation_leaves_the_margin_out(array):
    # With a margin the target's logit would depend on the labels; the logits know none.
    features = array.embed(array.data.measured.inputs)
    logits = array.criterion.logits(features)
    weight = array.criterion.families["margin"].weight
    cosine = torch.nn.functional.normalize(features[1], dim=-1) @ (
        torch.nn.functional.normalize(weight[0], dim=-1).T
    )
    torch.testing.assert_close(logits[1], 16 * cosine, rtol=1e-12, atol=1e-12)


def test_retrieval_is_measured_on_the_held_out_classes(array):
    measures = measure(array, ["retrieval", "compactness"])
    features = torch.nn.functional.normalize(array.embed(array.data.held_out.inputs), dim=-1)
    labels = array.data.held_out.labels
    for member in range(6):
        similarity = features[member] @ features[member].T
        similarity.fill_diagonal_(-2)
        total = 0.0
        for i in range(len(labels)):
            relevant = (labels == labels[i]).sum().item() - 1
            ranked = similarity[i].argsort(descending=True)[:relevant]
            hits = (labels[ranked] == labels[i]).double()
            precision = hits.cumsum(0) / torch.arange(1, relevant + 1)
            total += (precision * hits).sum().item() / relevant
        found = measures.values["retrieval"].flatten()[member].item()
        assert found == pytest.approx(total / len(labels), abs=1e-9)
    assert set(measures.values) == {"accuracy", "retrieval", "compactness"}


def test_retrieval_needs_held_out_classes(make_data):
    array = Array(make_data(), SETTINGS, [0], "compact", 4, 1, 16)
    with pytest.raises(ValueError, match="none were held out"):
        measure(array, ["retrieval"])
