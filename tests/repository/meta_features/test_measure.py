import math
import time

import numpy as np
import pytest
import torch

from sweeper.data import load
from sweeper.errors import SweeperError
from sweeper.repository.meta_features.measure import DESCRIPTIONS, FEATURES, meta_features


def noise(*shape):
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def vectors(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0)).to(dtype)


@pytest.fixture(scope="module")
def digits():
    data = load("digits")
    return data.inputs, data.labels


@pytest.fixture(scope="module")
def of_digits(digits):
    return meta_features(*digits)


def test_all_features_in_order(of_digits):
    assert tuple(of_digits) == FEATURES == tuple(DESCRIPTIONS)
    assert all(type(value) is float and math.isfinite(value) for value in of_digits.values())
    assert all(text and "\n" not in text for text in DESCRIPTIONS.values())


def test_digits(of_digits):
    known = {
        "log_images": math.log(1797),
        "log_classes": math.log(10),
        "log_per_class_min": math.log(174),
        "log_side": math.log(8),
        "log_channels": 0.0,
        "is_embedding": 0.0,
    }
    assert {name: of_digits[name] for name in known} == pytest.approx(known)
    assert of_digits["accuracy_1nn"] > 0.97
    assert of_digits["accuracy_lda"] > of_digits["accuracy_nearest_mean"] > 0.85
    assert of_digits["overlap"] < -0.3


def test_neither_order_nor_class_numbers_matter(digits, of_digits):
    images, labels = digits
    generator = torch.Generator().manual_seed(1)
    order = torch.randperm(len(labels), generator=generator)
    renamed = torch.randperm(1000, generator=generator)
    again = meta_features(images[order], renamed[labels[order]])
    assert again == pytest.approx(of_digits, rel=1e-9, abs=1e-9)


def test_nor_in_a_sample():
    images, labels = noise(5100, 1, 4, 4), torch.arange(5100) % 7
    images += labels[:, None, None, None].byte() * 8  # wraps around, which does no harm
    order = torch.randperm(5100, generator=torch.Generator().manual_seed(1))
    first, again = meta_features(images, labels), meta_features(images[order], 6 - labels[order])
    assert again == pytest.approx(first, rel=1e-9, abs=1e-9)
    assert meta_features(images, labels, seed=1) != first


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_half_of_the_images_tells_nearly_the_same(digits, of_digits, seed):
    images, labels = digits
    half = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))[::2]
    found = meta_features(images[half], labels[half])
    counted = {"log_images", "log_per_class_mean", "log_per_class_min", "class_imbalance"}
    for name in set(FEATURES) - counted:
        tolerance = 0.25 if name == "angle_smallest" else 0.15
        assert found[name] == pytest.approx(of_digits[name], abs=tolerance), name


def test_dimension_and_angle_of_known_embeddings():
    rng = np.random.default_rng(0)
    turns = rng.normal(scale=0.1, size=2000)
    classes = np.arange(2000) % 2
    points = np.zeros((2000, 100))  # two arcs of great circles, 1.2 radians apart
    points[:, 0], points[:, 1] = np.cos(turns + 1.2 * classes), np.sin(turns + 1.2 * classes)
    turned = points @ np.linalg.qr(rng.normal(size=(100, 100)))[0]
    features = meta_features(torch.from_numpy(turned), torch.from_numpy(classes))
    assert features["angle_mean"] == pytest.approx(1.2, abs=0.02)
    assert features["angle_spread"] == pytest.approx(0.1, abs=0.01)
    assert math.expm1(features["log_intrinsic_dimension"]) == pytest.approx(1, rel=0.15)
    assert features["log_channels"] == math.log(100)
    assert features["is_embedding"] == 1


def test_precision_and_length_of_embeddings_do_not_matter():
    low = vectors(60, 12, dtype=torch.float16)
    labels = torch.arange(60) % 3
    assert meta_features(low.double(), labels) == meta_features(low, labels)
    assert math.isfinite(sum(meta_features(low.double() * 1e300, labels).values()))


IMAGES = noise(40, 3, 8, 8)
CONSTANT_CHANNEL = IMAGES.clone()
CONSTANT_CHANNEL[:, 1] = 9


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [
        pytest.param(IMAGES, torch.arange(40) // 2, id="two images a class"),
        pytest.param(IMAGES, torch.arange(40), id="one image a class"),
        pytest.param(IMAGES, torch.arange(40).clamp(max=37), id="nearly one image a class"),
        pytest.param(IMAGES[:2], torch.arange(2), id="two images"),
        pytest.param(IMAGES[:3], torch.tensor([0, 0, 1]), id="three images"),
        pytest.param(noise(40, 1, 1, 1), torch.arange(40) // 10, id="one pixel"),
        pytest.param(torch.full_like(IMAGES, 7), torch.arange(40) // 10, id="all equal"),
        pytest.param(IMAGES[:20].repeat(2, 1, 1, 1), torch.arange(40) // 20, id="in two classes"),
        pytest.param(CONSTANT_CHANNEL, torch.arange(40) // 20, id="constant channel"),
        pytest.param(vectors(40, 70).half(), torch.arange(40) // 20, id="float16"),
        pytest.param(vectors(40, 1).double(), torch.arange(40) // 20, id="one dimension"),
        pytest.param(torch.zeros(40, 5), torch.arange(40) // 20, id="zeros"),
        pytest.param(vectors(40, 5), torch.tensor([3] * 39 + [900]), id="imbalanced"),
    ],
)
def test_every_value_is_finite(inputs, labels):
    features = meta_features(inputs, labels)
    assert [name for name, value in features.items() if not math.isfinite(value)] == []


def test_equal_images_have_no_angles_and_chance_alone():
    features = meta_features(torch.full((40, 3, 8, 8), 7, dtype=torch.uint8), torch.arange(40) % 4)
    nothing = ["angle_mean", "angle_spread", "log_angle_ratio", "overlap", "h_score"]
    assert [features[name] for name in nothing] == [0.0] * 5
    assert [features[f"skill_{name}"] for name in ("1nn", "5nn", "nearest_mean", "lda")] == [0] * 4


def test_five_thousand_classes_quickly():
    started = time.perf_counter()
    features = meta_features(noise(10_000, 1, 8, 8), torch.arange(10_000) // 2)
    assert time.perf_counter() - started < 10
    assert features["log_classes"] == math.log(5000)
    assert all(map(math.isfinite, features.values()))


@pytest.mark.long
def test_ten_thousand_images_take_under_ten_seconds():
    images, labels = noise(10_000, 3, 64, 64), torch.arange(10_000) % 100
    started = time.perf_counter()
    meta_features(images, labels)
    assert time.perf_counter() - started < 10


def test_one_class_is_refused():
    with pytest.raises(SweeperError, match="at least 2 are needed, got 1"):
        meta_features(IMAGES, torch.full((40,), 5))


def test_numbers_that_are_not_finite_are_refused():
    broken = vectors(6, 4)
    broken[3, 1] = math.nan
    with pytest.raises(SweeperError, match="embedding 3 has a number that is not finite"):
        meta_features(broken, torch.arange(6) % 2)


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        (torch.zeros(4, 1, 2, 2), torch.arange(4), "inputs must be uint8 images"),
        (torch.zeros(4, 2, dtype=torch.uint8), torch.arange(4), "inputs must be uint8 images"),
        (torch.zeros(4, 0), torch.arange(4), "inputs must be uint8 images"),
        (torch.zeros(4, 2), torch.arange(3), "labels must be 4 integers"),
        (torch.zeros(4, 2), torch.zeros(4), "labels must be 4 integers"),
    ],
)
def test_other_tensors_are_refused(inputs, labels, message):
    with pytest.raises(ValueError, match=message):
        meta_features(inputs, labels)
