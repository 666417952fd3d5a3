from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sweeper.data import TEST, TRAIN, VALIDATION, Dataset, load
from sweeper.errors import SweeperError

IMAGES = np.arange(4 * 8 * 6 * 3, dtype=np.uint8).reshape(4, 8, 6, 3)
LABELS = np.array([0, 1, 1, 0])


def stored(tmp_path: Path, **arrays: Any) -> Dataset:
    np.savez(tmp_path / "data.npz", **arrays)
    return load(str(tmp_path / "data.npz"))


@pytest.mark.parametrize(
    "images", [IMAGES, IMAGES.transpose(0, 3, 1, 2), np.asfortranarray(IMAGES)]
)
def test_color_images_in_both_layouts(tmp_path: Path, images) -> None:
    dataset = stored(tmp_path, images=images, labels=LABELS)
    assert dataset.is_images
    assert dataset.inputs.shape == (4, 3, 8, 6)
    assert dataset.inputs[2, 1, 5, 4] == IMAGES[2, 5, 4, 1]
    assert dataset.labels.tolist() == LABELS.tolist()
    assert dataset.class_names == ("0", "1")


@pytest.mark.parametrize("axis", [1, 3, None])
def test_gray_images(tmp_path: Path, axis: int | None) -> None:
    gray = IMAGES[..., 0]
    images = gray if axis is None else np.expand_dims(gray, axis)
    dataset = stored(tmp_path, images=images, labels=LABELS)
    assert torch.equal(dataset.inputs[:, 0], torch.from_numpy(gray))


def test_all_optional_arrays(tmp_path: Path) -> None:
    dataset = stored(
        tmp_path, images=IMAGES, labels=np.array([0, 2, 1, 0]), groups=np.array([7, 7, 3, 30]),
        class_names=np.array(["zebra", "ant", "bee"]),
        split=np.array(["train", "validation", "train", "test"]),
    )  # fmt: skip
    assert dataset.class_names == ("zebra", "ant", "bee")
    assert dataset.labels.tolist() == [0, 2, 1, 0]
    assert dataset.groups is not None
    assert dataset.parts is not None
    assert dataset.groups.tolist() == [1, 1, 0, 2]
    assert dataset.parts.tolist() == [TRAIN, VALIDATION, TRAIN, TEST]
    assert dataset.group_names == ("3", "7", "30")
    assert dataset.source == f"{tmp_path.name}/data.npz"


def test_split_names_in_any_case(tmp_path: Path) -> None:
    words = np.array(["Training", "TRAIN", "Dev", "testing"])
    dataset = stored(tmp_path, images=IMAGES, labels=np.array([0, 1, 0, 1]), split=words)
    assert dataset.parts is not None
    assert dataset.parts.tolist() == [TRAIN, TRAIN, VALIDATION, TEST]


@pytest.mark.parametrize("kind", ["U", "S"])
def test_text_labels(tmp_path: Path, kind: str) -> None:
    labels = np.array(["b", "a", "a", "b"]).astype(kind)
    dataset = stored(tmp_path, images=IMAGES, labels=labels)
    assert dataset.class_names == ("a", "b")
    assert dataset.labels.tolist() == [1, 0, 0, 1]


def test_embeddings(tmp_path: Path) -> None:
    embeddings = np.random.default_rng(0).normal(size=(4, 5))
    dataset = stored(tmp_path, embeddings=embeddings, labels=np.array([10, 9, 9, 10]))
    assert not dataset.is_images
    assert dataset.inputs.dtype == torch.float32
    assert torch.equal(dataset.inputs, torch.from_numpy(embeddings.astype(np.float32)))
    assert dataset.class_names == ("9", "10")


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"images": IMAGES}, "needs labels and either images or embeddings, holds images"),
        ({"labels": LABELS}, "holds labels"),
        ({"images": IMAGES, "embeddings": np.ones((4, 2)), "labels": LABELS}, "either images or"),
        ({"images": IMAGES.astype(float), "labels": LABELS}, "images: type float64, but uint8"),
        ({"images": IMAGES[..., :2], "labels": LABELS}, "images: shape [4, 8, 6, 2]"),
        ({"images": IMAGES[0, 0], "labels": LABELS}, "images: shape [6, 3]"),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, "images: empty"),
        ({"images": IMAGES, "labels": LABELS[:3]}, "labels: shape [3], but images need [4]"),
        ({"images": IMAGES, "labels": LABELS.astype(float)}, "labels: type float64"),
        ({"images": IMAGES, "labels": LABELS * 0}, "only one class"),
        ({"images": IMAGES, "labels": LABELS, "groups": np.ones(3, int)}, "groups: shape [3]"),
        ({"images": IMAGES, "labels": LABELS, "split": np.array(["train"] * 3 + ["rest"])},
         "split: 'rest' is none of train"),
        ({"images": np.zeros((4, 0, 4), np.uint8), "labels": LABELS}, "[4, 0, 4] has no pixels"),
        ({"images": IMAGES, "labels": np.array([b"a", b"b", b"b", b"\xff"])},
         "labels: a text is not UTF-8"),
        ({"images": IMAGES, "labels": LABELS, "groups": np.array(["a", "b", "\ud800", "a"])},
         "groups: a text is not UTF-8"),
        ({"images": IMAGES, "labels": LABELS, "class_names": np.array(["a"])},
         "labels: 0 to 1, but class_names has 1"),
        ({"images": IMAGES, "labels": LABELS, "class_names": np.array(["a", "a"])},
         "class_names: a list of different names"),
        ({"images": IMAGES, "labels": LABELS, "class_names": np.array(["a", "b", "c"])},
         "class 'c' is left without images"),
        ({"embeddings": np.array([[0.0], [np.nan], [1], [2]]), "labels": LABELS},
         "embeddings: row 1 has a number that is not finite"),
        ({"embeddings": np.full((4, 1), 1e300), "labels": LABELS}, "row 0 has a number that is"),
        ({"embeddings": np.ones(4), "labels": LABELS}, "real numbers [N, d] are needed"),
        ({"embeddings": np.ones((4, 2), complex), "labels": LABELS}, "real numbers [N, d]"),
        ({"images": IMAGES, "labels": np.array([0, 1, 1, None], object)}, "plain arrays"),
    ],
)  # fmt: skip
def test_bad_arrays(tmp_path: Path, arrays: dict[str, Any], says: str) -> None:
    with pytest.raises(SweeperError, match=r"^[^\n]*data\.npz[^\n]*$") as caught:
        stored(tmp_path, **arrays)
    assert says in str(caught.value)


def test_files_that_are_not_npz(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, images=IMAGES, labels=LABELS)
    for content in (b"", b"text", path.read_bytes()[:-60]):
        path.write_bytes(content)
        with pytest.raises(SweeperError, match=r"cannot read .*data\.npz as an \.npz"):
            load(str(path))
    with path.open("wb") as file:
        np.save(file, IMAGES)
    with pytest.raises(SweeperError, match="it is a single array"):
        load(str(path))


def test_arrays_are_found_in_any_case_of_letters_and_others_named(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
    groups = np.arange(8) // 2
    path = tmp_path / "a.npz"
    np.savez(path, Images=images, labels=groups % 2, Groups=groups, people=groups)
    dataset = load(str(path))
    assert dataset.groups is not None
    assert dataset.notes == ("arrays that are not read: people",)
    np.savez(path, images=images, labels=groups % 2, groups=groups, Groups=groups)
    with pytest.raises(SweeperError, match=r"two arrays have one name but for the case of letters"):
        load(str(path))
