"""Images and labels passed as arrays and tensors."""

import numpy as np
import pandas as pd
import pytest
import torch

from sweeper.data.readers.in_memory import given_inputs, given_labels
from sweeper.errors import SweeperError, UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 3, 8, 6), dtype=np.uint8)


@pytest.mark.parametrize("make", [lambda a: a, torch.from_numpy], ids=["array", "tensor"])
def test_images_in_all_layouts(make):
    for images, expected in (
        (IMAGES, IMAGES),
        (IMAGES.transpose(0, 2, 3, 1), IMAGES),
        (IMAGES[:, 0], IMAGES[:, :1]),
        (IMAGES[:, :1], IMAGES[:, :1]),
    ):
        result = given_inputs(make(images))
        assert result.dtype == torch.uint8
        np.testing.assert_array_equal(result.numpy(), expected)


def test_read_only_or_reversed_memory():
    fixed = IMAGES.copy()
    fixed.flags.writeable = False
    np.testing.assert_array_equal(given_inputs(fixed).numpy(), IMAGES)
    np.testing.assert_array_equal(given_inputs(IMAGES[::-1]).numpy(), IMAGES[::-1])
    vectors = np.arange(12.0).reshape(4, 3)
    vectors.flags.writeable = False
    np.testing.assert_array_equal(given_inputs(vectors[::-1]).numpy(), vectors[::-1])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_embeddings_in_all_precisions(dtype):
    vectors = torch.arange(12.0).reshape(4, 3).to(dtype).requires_grad_()
    result = given_inputs(vectors)
    assert result.dtype == torch.float32
    assert torch.equal(result, vectors.detach().float())


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 8, 8), np.float32), r"images: got float32 \[4, 8, 8\], need uint8"),
        (np.zeros((4, 8, 8, 5), np.uint8), r"images: shape \[4, 8, 8, 5\] is none of"),
        (np.zeros((4, 8), np.uint8), r"images: got uint8 \[4, 8\], need uint8"),
        (np.zeros((0, 8, 8), np.uint8), r"images: got uint8 \[0, 8, 8\], need uint8"),
        (np.zeros((4, 0, 8), np.uint8), "has no pixels"),
        (np.zeros((4, 3), np.int64), r"images: got int64 \[4, 3\], need uint8"),
        (np.zeros((4, 0)), r"embeddings: float64 \[4, 0\], but real numbers"),
        (np.array([[1.0, 2.0], [np.nan, 0.0]]), "embeddings: row 1 has a number that is not"),
        (np.array([[1.0, 2.0], [1e300, 0.0]]), "embeddings: row 1 has a number that is not"),
        ("photos", "images: got <U6"),
        ([[1.0, 2.0], [1.0]], "images: cannot be converted to an array"),
    ],
)
def test_unsupported_inputs_give_one_line(images, message):
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
    result = given_labels(labels, 4)
    assert result.dtype == torch.int64
    assert sorted(result.unique().tolist()) == [0, 1, 2]
    assert result[0] == result[2]


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
def test_unsupported_labels_give_one_line(labels, error, message):
    with pytest.raises(error, match=message) as caught:
        given_labels(labels, 4)
    assert "\n" not in str(caught.value)
