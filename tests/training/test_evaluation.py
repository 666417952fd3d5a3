"""Measures of an array against the same measures of each member, by plain loops."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import normalize

from sweeper import metrics
from sweeper.registry.losses import LOSSES
from sweeper.registry.measures import about
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.setting import Setting
from sweeper.training import FusedTrainer, Samples, TrainingRecipe, measure, validation_accuracy

SETTINGS = [
    Setting("softmax"),
    Setting("arcface", m2=0.3, scale=16),
    Setting.of("triplet", {"margin": 0.4}, ["center"]),
    Setting("cosface", m3=0.2),
    Setting("contrastive"),
]
K, MEMBERS = len(SETTINGS), 2 * len(SETTINGS)

BETWEEN = {
    "inter-class distance",
    "smallest inter-class distance",
    "inter-class angle",
    "smallest inter-class angle",
}
ACCURACIES = {"accuracy", "balanced accuracy", "majority baseline"}
TRAINED = {*ACCURACIES, "calibration error", "confidence", *BETWEEN}
HELD_OUT = {"retrieval", "recall@1", "TAR at FAR 0.01", "TAR at FAR 0.001"}


@pytest.fixture
def array(make_data):
    array = FusedTrainer(
        make_data(held_out=True), SETTINGS, [0, 1], TrainingRecipe("compact", 4, 2, 16)
    )
    array.train_epoch()
    return array


def member_logits(array, member, inputs):
    """The logits of one member as its own module tells them, or of its nearest class means."""
    features = array.embed(inputs)[member]
    if hasattr(array.criterion.group_modules[name := group_of(array, member)], "logits"):
        local = (array.criterion.members[name] == member).nonzero().item()
        module = array.criterion.group_modules[name]
        return module.logits(features.expand(len(array.criterion.members[name]), -1, -1))[local]
    unit = normalize(array.embed(array.data.train.inputs)[member], dim=-1)
    means = []
    for c in range(array.data.num_classes):
        own = [x for x, y in zip(unit, array.data.train.labels.tolist(), strict=True) if y == c]
        means.append(sum(own) / len(own))
    rows = [[-(x - mean).square().sum() for mean in means] for x in normalize(features, dim=-1)]
    return torch.tensor(rows, dtype=features.dtype)


def group_of(array, member):
    (name,) = (
        name
        for name, members in array.criterion.members.items()
        if member in members.tolist() and array.criterion.groups[name].term is None
    )
    return name


def test_accuracy_recall_and_confusion_are_counted_right(array):
    measures = measure(array, ["accuracy"])
    labels = array.data.measured.labels.tolist()
    for member in range(MEMBERS):
        r, k = divmod(member, K)
        counts = [[0] * 3 for _ in range(3)]
        for row, y in zip(
            member_logits(array, member, array.data.measured.inputs), labels, strict=True
        ):
            counts[y][row.argmax().item()] += 1
        right = [counts[c][c] for c in range(3)]
        assert measures.values["accuracy"][r, k].item() == pytest.approx(sum(right) / len(labels))
        assert measures.recall[r, k].tolist() == pytest.approx([n / 10 for n in right])
        assert measures.confusion[r, k].tolist() == counts


def test_each_measure_is_explained_in_a_line(array):
    values = measure(array, list(OBJECTIVES)).values
    assert values.keys() > TRAINED | HELD_OUT
    assert all(about(name) for name in values)
    assert "1 % of pairs" in about("TAR at FAR 0.01")
    assert about("of a later version") == ""


def test_the_curve_is_of_the_validation_samples(array):
    found, labels = validation_accuracy(array), array.data.validation.labels
    for member in range(MEMBERS):
        logits = member_logits(array, member, array.data.validation.inputs)
        right = sum(
            row.argmax().item() == y for row, y in zip(logits, labels.tolist(), strict=True)
        )
        assert found.flatten()[member].item() == pytest.approx(right / len(labels))


def test_calibration_is_that_of_the_softmax_of_the_logits(array):
    measures = measure(array, ["accuracy"])
    labels = array.data.measured.labels.tolist()
    for member in range(MEMBERS):
        r, k = divmod(member, K)
        if not LOSSES[SETTINGS[k].loss].has_classes:  # distances are no probabilities
            assert measures.values["calibration error"][r, k].isnan()
            assert measures.values["confidence"][r, k].isnan()
            continue
        bins = {}
        confidences = []
        for row, y in zip(
            member_logits(array, member, array.data.measured.inputs).tolist(), labels, strict=True
        ):
            largest = max(row)
            confidence = 1 / sum(math.exp(z - largest) for z in row)
            confidences.append(confidence)
            gap = (row.index(largest) == y) - confidence
            place = math.ceil(confidence * 15)
            bins[place] = bins.get(place, 0.0) + gap
        error = sum(abs(gap) for gap in bins.values()) / len(labels)
        assert measures.values["calibration error"][r, k].item() == pytest.approx(error, abs=1e-9)
        assert measures.values["confidence"][r, k].item() == pytest.approx(
            sum(confidences) / len(labels), abs=1e-9
        )


def test_spread_and_compactness_are_those_of_unit_length_embeddings(array):
    measures = measure(array, ["compactness"])
    plain = array.embed(array.data.measured.inputs)
    labels = array.data.measured.labels
    for member in range(MEMBERS):
        r, k = divmod(member, K)
        spreads = {}
        for kind, features in (
            ("unit", normalize(plain[member], dim=-1)),
            ("as is", plain[member]),
        ):
            means = [features[labels == c].mean(dim=0) for c in range(3)]
            spreads[kind] = torch.stack(
                [((features[labels == c] - means[c]).square().sum() / 9).sqrt() for c in range(3)]
            )
            apart = [(means[a] - means[b]).norm() for a, b in [(0, 1), (0, 2), (1, 2)]]
            if kind == "unit":
                expected = spreads[kind].mean() / torch.stack(apart).mean()
        torch.testing.assert_close(measures.spread[r, k].double(), spreads["unit"])
        torch.testing.assert_close(measures.plain_spread[r, k].double(), spreads["as is"])
        torch.testing.assert_close(measures.values["compactness"][r, k].double(), expected)


def test_distances_and_angles_between_classes_are_those_of_their_means(array):
    values = measure(array, ["accuracy"]).values
    features, labels = array.embed(array.data.measured.inputs), array.data.measured.labels
    for member in range(MEMBERS):
        r, k = divmod(member, K)
        distances, angles = [], []
        for a, b in [(0, 1), (0, 2), (1, 2)]:
            u, v = (features[member, labels == c].mean(dim=0) for c in (a, b))
            distances.append((u - v).norm().item())
            u, v = (normalize(features[member, labels == c], dim=-1).mean(0) for c in (a, b))
            angles.append(math.acos((u @ v / u.norm() / v.norm()).item()))
        for what, found in (("distance", distances), ("angle", angles)):
            mean, smallest = values[f"inter-class {what}"], values[f"smallest inter-class {what}"]
            assert mean[r, k].item() == pytest.approx(sum(found) / 3, abs=1e-7)
            assert smallest[r, k].item() == pytest.approx(min(found), abs=1e-7)


def test_evaluation_leaves_the_margin_out(array):
    # With a margin the target's logit would depend on the labels; the logits know none.
    features = array.embed(array.data.measured.inputs)
    weight = array.criterion.member_state(1)["weight"]
    cosine = normalize(features[1], dim=-1) @ normalize(weight, dim=-1).T
    torch.testing.assert_close(array.logits(features)[1], 16 * cosine, rtol=1e-12, atol=1e-12)


def test_retrieval_is_measured_on_the_held_out_classes(array):
    measures = measure(array, ["retrieval", "compactness"])
    features = normalize(array.embed(array.data.held_out.inputs), dim=-1)
    labels = array.data.held_out.labels
    for member in range(MEMBERS):
        similarity = features[member] @ features[member].T
        similarity.fill_diagonal_(-2)
        total, first = 0.0, 0
        for i in range(len(labels)):
            relevant = (labels == labels[i]).sum().item() - 1
            ranked = similarity[i].argsort(descending=True)[:relevant]
            hits = (labels[ranked] == labels[i]).double()
            precision = hits.cumsum(0) / torch.arange(1, relevant + 1)
            total += (precision * hits).sum().item() / relevant
            first += int(hits[0].item())
        r, k = divmod(member, K)
        assert measures.values["retrieval"][r, k].item() == pytest.approx(
            total / len(labels), abs=1e-9
        )
        assert measures.values["recall@1"][r, k].item() == pytest.approx(first / len(labels))
    assert set(measures.values) == TRAINED | HELD_OUT | {"compactness"}


def test_verification_is_that_of_the_held_out_classes(array):
    values = measure(array, ["retrieval"]).values
    features = normalize(array.embed(array.data.held_out.inputs), dim=-1)
    labels = array.data.held_out.labels
    pairs = torch.triu_indices(len(labels), len(labels), 1)
    same = labels[pairs[0]] == labels[pairs[1]]
    for member in range(MEMBERS):
        similarity = (features[member, pairs[0]] * features[member, pairs[1]]).sum(-1)
        impostors, genuine = similarity[~same].sort(descending=True).values, similarity[same]
        for far in (1e-2, 1e-3):
            # One more would be too many; the grid of thresholds has steps of 2e-6.
            strictest = impostors[math.floor(far * len(impostors))]
            least = (genuine > strictest + 2e-6).double().mean().item()
            most = (genuine > strictest - 2e-6).double().mean().item()
            found = values[f"TAR at FAR {far:g}"].flatten()[member].item()
            assert least - 1e-6 <= found <= most + 1e-6


def test_measures_of_an_array_are_those_of_its_metrics(array):
    data, found = array.data, measure(array, ["retrieval"])
    features, labels = array.embed(data.measured.inputs), data.measured.labels
    logits, held_out = array.logits(features), array.embed(data.held_out.inputs)
    distance = metrics.inter_class_distance(features, labels, 3)
    angle = metrics.inter_class_angle(features, labels, 3)
    tar = metrics.tar_at_far(held_out, data.held_out.labels)
    expected = {
        "accuracy": metrics.accuracy(logits, labels),
        "balanced accuracy": metrics.balanced_accuracy(logits, labels, 3),
        "majority baseline": metrics.majority_baseline(labels).expand(MEMBERS),
        "calibration error": metrics.expected_calibration_error(logits, labels),
        "confidence": metrics.mean_confidence(logits),
        "inter-class distance": distance.mean,
        "smallest inter-class distance": distance.smallest,
        "inter-class angle": angle.mean,
        "smallest inter-class angle": angle.smallest,
        "retrieval": metrics.map_at_r(held_out, data.held_out.labels),
        "recall@1": metrics.recall_at_1(held_out, data.held_out.labels),
        "TAR at FAR 0.01": tar[..., 0],
        "TAR at FAR 0.001": tar[..., 1],
    }
    assert found.values.keys() == expected.keys()
    pairs = torch.tensor([not LOSSES[setting.loss].has_classes for setting in SETTINGS] * 2)
    for name, value in expected.items():
        assert found.values[name].shape == (2, K)
        if name in ("calibration error", "confidence"):  # of what is no probability
            value = value.masked_fill(pairs, torch.nan)
        torch.testing.assert_close(found.values[name].flatten(), value, msg=name, equal_nan=True)


def test_retrieval_needs_held_out_classes(make_data):
    array = FusedTrainer(make_data(), SETTINGS, [0], TrainingRecipe("compact", 4, 1, 16))
    with pytest.raises(ValueError, match="none were held out"):
        measure(array, ["retrieval"])


def test_what_one_class_does_not_tell_is_left_out(array):
    def of_class_0(samples):
        own = samples.labels == 0
        return Samples(samples.inputs[own], samples.labels[own])

    data = array.data
    alone = replace(data, measured=of_class_0(data.measured), held_out=of_class_0(data.held_out))
    found = measure(array, ["accuracy", "retrieval"], alone)
    assert set(found.values) == TRAINED - BETWEEN | {"retrieval", "recall@1"}
    assert found.values["recall@1"].eq(1).all()


def test_other_samples_are_held_against_the_means_of_the_training_samples(array):
    data = array.data
    other = replace(data, measured=data.validation, train=data.measured)
    found = measure(array, ["accuracy"], other).values["accuracy"]
    assert found.equal(validation_accuracy(array))


def test_a_member_that_diverged_measures_nothing_and_the_others_as_before(make_data):
    settings = [SETTINGS[2], replace(SETTINGS[2], lr=1e300), SETTINGS[0]]
    array = FusedTrainer(
        make_data(held_out=True), settings, [0], TrainingRecipe("compact", 4, 1, 16)
    )
    calm = FusedTrainer(
        make_data(held_out=True), settings[::2], [0], TrainingRecipe("compact", 4, 1, 16)
    )
    array.train_epoch()
    calm.train_epoch()
    found, expected = measure(array, ["retrieval"]), measure(calm, ["retrieval"])
    assert all(value[0, 1].isnan() for value in found.values.values())
    for name, value in expected.values.items():
        torch.testing.assert_close(found.values[name][:, ::2], value, msg=name, equal_nan=True)
    torch.testing.assert_close(found.confusion[:, ::2], expected.confusion)
    assert not found.confusion[0, 1].any()
