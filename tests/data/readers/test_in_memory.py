"""Arrays and tensors of a caller's own."""

import numpy as np
import pandas as pd
import pytest
import torch

from sweeper.data.readers.in_memory import given_inputs, given_labels
from sweeper.errors import SweeperError, UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 3, 8, 6), dtype=np.uint8)


@pytest.mark.parametrize("make", [lambda a: a, torch.from_numpy], ids=["array", "tensor"])
def test_images_of_every_order_of_axes(make):
    for given, expected in (
        (IMAGES, IMAGES),
        (IMAGES.transpose(0, 2, 3, 1), IMAGES),
        (IMAGES[:, 0], IMAGES[:, :1]),
        (IMAGES[:, :1], IMAGES[:, :1]),
    ):
        found = given_inputs(make(given))
        assert found.dtype == torch.uint8
        np.testing.assert_array_equal(found.numpy(), expected)


def test_memory_that_is_read_only_or_reversed_is_no_trouble():
    fixed = IMAGES.copy()
    fixed.flags.writeable = False
    np.testing.assert_array_equal(given_inputs(fixed).numpy(), IMAGES)
    np.testing.assert_array_equal(given_inputs(IMAGES[::-1]).numpy(), IMAGES[::-1])
    vectors = np.arange(12.0).reshape(4, 3)
    vectors.flags.writeable = False
    np.testing.assert_array_equal(given_inputs(vectors[::-1]).numpy(), vectors[::-1])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_embeddings_of_every_precision(dtype):
    vectors = torch.arange(12.0).reshape(4, 3).to(dtype).requires_grad_()
    found = given_inputs(vectors)
    assert found.dtype == torch.float32
    assert torch.equal(found, vectors.detach().float())


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 8, 8), np.float32), r"images: float32 \[4, 8, 8\], but needed are uint8"),
        (np.zeros((4, 8, 8, 5), np.uint8), r"images: shape \[4, 8, 8, 5\] is none of"),
        (np.zeros((4, 8), np.uint8), r"images: uint8 \[4, 8\], but needed"),
        (np.zeros((0, 8, 8), np.uint8), r"images: uint8 \[0, 8, 8\], but needed"),
        (np.zeros((4, 0, 8), np.uint8), "leaves no pixels"),
        (np.zeros((4, 3), np.int64), r"images: int64 \[4, 3\], but needed"),
        (np.zeros((4, 0)), r"embeddings: float64 \[4, 0\], but real numbers"),
        (np.array([[1.0, 2.0], [np.nan, 0.0]]), "embeddings: row 1 has a number that is not"),
        (np.array([[1.0, 2.0], [1e300, 0.0]]), "embeddings: row 1 has a number that is not"),
        ("photos", "images: <U6"),
        ([[1.0, 2.0], [1.0]], "images: no array can be made of them"),
    ],
)
def test_other_inputs_are_one_line(images, message):
    with pytest.raises(UsageError, match=message) as error:
        given_inputs(images)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "labels",
    [
        [7, -1, 7, 12],
        np.array([7, -1, 7, 12], np.int8),
        torch.tensor([7, -1, 7, 12]),
        ["b", "a", "b", "c"],
        np.array([b"b", b"a", b"b", b"c"]),
        pd.Series(["b", "a", "b", "c"]),
        np.array(["b", "a", "b", "c"], dtype=object),
    ],
)
def test_labels_are_counted_from_0(labels):
    found = given_labels(labels, 4)
    assert found.dtype == torch.int64
    assert sorted(found.unique().tolist()) == [0, 1, 2]
    assert found[0] == found[2]


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 1, 1], UsageError, r"labels: shape \[3\], but the images need \[4\]"),
        ([[0], [1], [0], [1]], UsageError, r"labels: shape \[4, 1\], but the images need \[4\]"),
        ([0.0, 1.0, 0.0, 1.0], UsageError, "labels: type float64, not whole numbers or texts"),
        ([True, False, True, True], UsageError, "labels: type bool, not whole"),
        (np.array(["a", 1, None, "b"], object), UsageError, "labels: type object, not whole"),
        ([3, 3, 3, 3], SweeperError, r"labels: only one class \('3'\)"),
    ],
)
def test_other_labels_are_one_line(labels, error, message):
    with pytest.raises(error, match=message) as it:
        given_labels(labels, 4)
    assert "\n" not in str(it.value)
