from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import TEST, TRAIN, VALIDATION, load
from sweeper.errors import SweeperError


def test_each_subfolder_is_a_class_in_natural_order(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"class {c}/{i}.png": (8, 8) for c in (10, 2, 1) for i in range(3)})
    dataset = load(str(tmp_path))
    assert dataset.class_names == ("class 1", "class 2", "class 10")
    assert dataset.labels.tolist() == [0] * 3 + [1] * 3 + [2] * 3
    assert dataset.name == str(tmp_path)
    assert dataset.source == tmp_path.name
    assert dataset.parts is None
    assert dataset.inputs.shape == (9, 1, 8, 8)
    with Image.open(tmp_path / "class 2" / "1.png") as image:
        assert np.array_equal(np.asarray(image), dataset.inputs[4, 0])


def test_other_files_and_hidden_ones_are_passed_over(tmp_path: Path, write_images) -> None:
    write_images(
        tmp_path,
        {"a/1.png": (8, 8), "a/deep/2.PNG": (8, 8), "b/1.jpg": (8, 8), ".git/x.png": (8, 8),
         "a/.thumbs/1.png": (9, 9), "a/._1.png": (9, 9)},
    )  # fmt: skip
    (tmp_path / "a" / "notes.txt").write_text("no image")
    (tmp_path / "readme.md").write_text("no class")
    dataset = load(str(tmp_path))
    assert dataset.class_names == ("a", "b")
    assert dataset.labels.tolist() == [0, 0, 1]


@pytest.mark.parametrize("validation", ["val", "valid", "validation"])
def test_given_parts(tmp_path: Path, write_images, validation: str) -> None:
    write_images(
        tmp_path,
        {f"{part}/{c}/{i}.png": (8, 8)
         for part in ("train", validation, "test") for c in "ab" for i in range(2)},
    )  # fmt: skip
    dataset = load(str(tmp_path))
    assert dataset.parts is not None
    counts = torch.stack([dataset.parts.long(), dataset.labels]).unique(dim=1, return_counts=True)
    assert counts[0].T.tolist() == [[p, c] for p in (TRAIN, VALIDATION, TEST) for c in (0, 1)]
    assert counts[1].tolist() == [2] * 6


def test_a_class_may_be_called_train(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {"train/1.png": (8, 8), "plane/1.png": (8, 8)})
    assert load(str(tmp_path)).class_names == ("plane", "train")


@pytest.mark.parametrize(
    ("files", "folders", "says"),
    [
        ({}, [], "nothing but no subfolders"),
        ({"1.png": (8, 8)}, [], "images but no subfolders"),
        ({"a/1.png": (8, 8)}, [], "only one class ('a')"),
        ({"a/1.png": (8, 8), "b/1.png": (8, 8)}, ["c"], "class 'c' is empty"),
        ({"train/a/1.png": (8, 8), "train/b/1.png": (8, 8), "test/c/1.png": (8, 8)}, [],
         "class 'c' is not in train"),
        ({f"{p}/{c}/1.png": (8, 8) for p in ("train", "val", "valid") for c in "ab"}, [],
         "more than one folder for validation"),
        ({"train/a/1.png": (8, 8)}, ["test/a"], "class 'a' is empty"),
    ],
)  # fmt: skip
def test_bad_folders(tmp_path: Path, write_images, files, folders, says: str) -> None:
    write_images(tmp_path, files)
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(SweeperError, match=r"^[^\n]*$") as caught:
        load(str(tmp_path))
    assert says in str(caught.value)
    assert caught.value.status == 1


def test_broken_files_are_left_out_only_when_asked(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"{c}/{i}.png": (8, 8) for c in "ab" for i in range(3)})
    (tmp_path / "a" / "1.png").write_bytes(b"broken")
    with pytest.raises(SweeperError, match=r"1\.png"):
        load(str(tmp_path))
    dataset = load(f"{tmp_path}[broken=skip]")
    assert dataset.labels.tolist() == [0, 0, 1, 1, 1]
    assert len(dataset.inputs) == 5
    assert dataset.name == f"{tmp_path}[broken=skip]"
    for image in (tmp_path / "a").iterdir():
        image.write_bytes(b"broken")
    with pytest.raises(SweeperError, match="class 'a' is left without images"):
        load(f"{tmp_path}[broken=skip]")


def test_a_subset_reads_only_what_it_keeps(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"{c}/{i}.png": (8, 8) for c in "abc" for i in range(3)})
    (tmp_path / "c" / "1.png").write_bytes(b"broken")
    assert load(f"{tmp_path}[classes=a+b, size=16]").inputs.shape == (6, 1, 16, 16)
