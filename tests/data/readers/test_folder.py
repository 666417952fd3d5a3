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
    assert dataset.source == f"{tmp_path.parent.name}/{tmp_path.name}"
    assert dataset.parts is None
    assert dataset.inputs.shape == (9, 1, 8, 8)
    with Image.open(tmp_path / "class 2" / "1.png") as image:
        assert np.array_equal(np.asarray(image), dataset.inputs[4, 0])


def test_other_and_hidden_files_are_ignored(tmp_path: Path, write_images) -> None:
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


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [("train", "val", "test"), ("Train", "VALID", "Test"), ("training", "validation", "testing"),
     ("TRAIN", "dev", "Testing")],
)  # fmt: skip
def test_predefined_parts(
    tmp_path: Path, write_images, train: str, validation: str, test: str
) -> None:
    write_images(
        tmp_path,
        {f"{part}/{c}/{i}.png": (8, 8)
         for part in (train, validation, test) for c in "ab" for i in range(2)},
    )  # fmt: skip
    dataset = load(str(tmp_path))
    assert dataset.parts is not None
    counts = torch.stack([dataset.parts.long(), dataset.labels]).unique(dim=1, return_counts=True)
    assert counts[0].T.tolist() == [[p, c] for p in (TRAIN, VALIDATION, TEST) for c in (0, 1)]
    assert counts[1].tolist() == [2] * 6


@pytest.mark.parametrize("names", [("plane", "train"), ("plane", "test"), ("test", "val")])
def test_a_class_may_have_the_name_of_a_part(tmp_path: Path, write_images, names) -> None:
    write_images(tmp_path, {f"{name}/1.png": (8, 8) for name in names})
    assert load(str(tmp_path)).class_names == names


def test_a_class_called_train_may_have_folders_inside(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {"train/steam/1.png": (8, 8), "plane/1.png": (8, 8)})
    assert load(str(tmp_path)).class_names == ("plane", "train")


@pytest.mark.parametrize(
    ("folders", "wrong"),
    [
        (("Train", "Test", "unlabeled"), "'unlabeled' is next to them"),
        (("training", "dev", "README"), "'README' is next to them"),
        (("val", "test"), "there is no train"),
    ],
)
def test_incomplete_parts_are_not_classes(
    tmp_path: Path, write_images, folders: tuple[str, ...], wrong: str
) -> None:
    write_images(
        tmp_path, {f"{f}/{c}/{i}.png": (8, 8) for f in folders for c in "ab" for i in "12"}
    )
    with pytest.raises(
        SweeperError, match=r"^[^\n]* look like the parts of a split[^\n]*$"
    ) as caught:
        load(str(tmp_path))
    assert wrong in str(caught.value)


def test_links_to_folders_are_followed_without_cycles(tmp_path: Path, write_images) -> None:
    write_images(tmp_path / "far", {"a/1.png": (8, 8), "more/2.png": (8, 8), "more/3.png": (8, 8)})
    root = tmp_path / "root"
    write_images(root, {"b/1.png": (8, 8)})
    (root / "a").symlink_to(tmp_path / "far" / "a")
    (root / "b" / "more").symlink_to(tmp_path / "far" / "more")
    (root / "b" / "again").symlink_to(tmp_path / "far" / "more")
    (tmp_path / "far" / "more" / "round").symlink_to(tmp_path / "far" / "more")
    (root / "b" / "up").symlink_to(root)
    assert load(str(root)).labels.tolist() == [0, 1, 1, 1]


def test_folders_with_the_same_name_have_different_sources(tmp_path: Path, write_images) -> None:
    for owner in ("anna", "ben"):
        write_images(tmp_path / owner / "v1.0", {"a/1.png": (8, 8), "b/1.png": (8, 8)})
    sources = [load(str(tmp_path / owner / "v1.0")).source for owner in ("anna", "ben")]
    assert sources == ["anna/v1.0", "ben/v1.0"]


def test_a_class_folder_that_is_not_utf8(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {"a/1.png": (8, 8), "b\udcff/1.png": (8, 8)})
    with pytest.raises(SweeperError, match=r"b\\udcff is not UTF-8; rename it$"):
        load(str(tmp_path))


@pytest.mark.parametrize(
    ("files", "folders", "says"),
    [
        ({}, [], "holds no images; put each"),
        ({"1.png": (8, 8)}, [], "has images but no subfolders; put each"),
        ({"a/1.png": (8, 8)}, [], "only one class ('a')"),
        ({"a/1.png": (8, 8), "b/1.png": (8, 8)}, ["c"], "class 'c' is empty"),
        ({"train/a/1.png": (8, 8), "train/b/1.png": (8, 8), "test/c/1.png": (8, 8)}, [],
         "class 'c' is not in train"),
        ({f"{p}/{c}/1.png": (8, 8) for p in ("train", "val", "valid") for c in "ab"}, [],
         "more than one folder for the same part among train, val, valid"),
        ({"train/a/1.png": (8, 8)}, ["test/a"], "class 'a' is empty"),
        ({"train/1.png": (8, 8), "test/1.png": (8, 8)}, [],
         "test has images but no class folders"),
        ({"a/1.png": (8, 8), "b/1.png": (8, 8), "2.png": (8, 8), "3.png": (8, 8)}, [],
         "2 images are in no class folder (2.png, ...)"),
        ({"train/a/1.png": (8, 8), "train/b/1.png": (8, 8), "train/2.png": (8, 8)}, [],
         "1 images are in no class folder (2.png, ...)"),
        ({"train/a/1.png": (8, 8), "train/b/1.png": (8, 8), "2.png": (8, 8)}, [],
         "1 images are in no class folder (2.png, ...)"),
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


def test_broken_files_are_skipped_only_on_request(tmp_path: Path, write_images) -> None:
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


LAYOUTS = [
    ("training_set", "test_set"),
    ("seg_train", "seg_test"),
    ("train2017", "val2017"),
    ("TrainImages", "TestImages"),
    ("images_training", "images_validation"),
    ("train", "test_set"),
    ("trainset", "testset"),
    ("train", "eval"),
    ("train", "holdout"),
]


@pytest.mark.parametrize("names", LAYOUTS, ids="/".join)
def test_parts_under_other_names(tmp_path: Path, write_images, names: tuple[str, str]) -> None:
    write_images(tmp_path, {f"{n}/{c}/{i}.png": (8, 8) for n in names for c in "ab" for i in "12"})
    dataset = load(str(tmp_path))
    assert dataset.class_names == ("a", "b")
    assert dataset.parts is not None
    validation = names[1] in ("val2017", "images_validation")
    assert dataset.parts.unique().tolist() == [TRAIN, VALIDATION if validation else TEST]


def test_a_part_may_be_wrapped_in_a_folder_of_its_name(tmp_path: Path, write_images) -> None:
    parts = ("seg_train", "seg_test")
    write_images(tmp_path, {f"{p}/{p}/{c}/1.png": (8, 8) for p in parts for c in ("sea", "street")})
    dataset = load(str(tmp_path))
    assert dataset.class_names == ("sea", "street")
    assert dataset.parts is not None


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([f"{n}/000{i}_c1.png" for n in ("bounding_box_train", "query") for i in "12"],
         "bounding_box_train has images but no class folders"),
        ([f"{n}/{i}.png" for n in ("training_set", "test_set") for i in "12"],
         "test_set has images but no class folders"),
        (["seg_train/sea/1.png", "seg_test/hill/1.png"], "seg_test has no class of seg_train"),
        ([f"{n}/{c}/1.png" for n in ("bounding_box_train", "bounding_box_test", "query")
          for c in "ab"], "more than one folder for the same part"),
        ([f"{n}/{c}/1.png" for n in ("seg_train", "seg_test", "seg_pred") for c in "ab"],
         "'seg_pred' is next to them"),
        ([f"{n}/{c}/1.png" for n in ("train", "later") for c in "ab"],
         "train looks like the parts of a split, but 'later' is next to them"),
        ([f"{n}/{c}/1.png" for n in ("val2017", "test2017") for c in "ab"], "there is no train"),
        ([f"{n}/{i}.png" for n in ("train", "test", "extra") for i in "12"],
         "'extra' is next to them"),
        ([f"{n}/000{i}_c1.png" for n in ("gt_bbox", "gt_query", "bounding_box_train",
          "bounding_box_test", "query") for i in "12"], "'gt_bbox' is next to them"),
    ],
)  # fmt: skip
def test_parts_under_other_names_that_cannot_be_read(tmp_path, write_images, files, says) -> None:
    write_images(tmp_path, dict.fromkeys(files, (8, 8)))
    with pytest.raises(SweeperError, match=r"^[^\n]* (parts|part) [^\n]*$") as caught:
        load(str(tmp_path))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "names",
    [("freight train", "car"), ("test tube", "flask"), ("Testa", "T"), ("freight train", "train")],
)
def test_classes_whose_names_only_sound_like_parts(tmp_path, write_images, names) -> None:
    write_images(tmp_path, {f"{name}/{i}.png": (8, 8) for name in names for i in "12"})
    assert set(load(str(tmp_path)).class_names) == set(names)


def test_files_that_are_not_read_are_counted(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"{c}/{i}.png": (8, 8) for c in "ab" for i in "12"})
    for name in ("a/1.raw", "a/deep/2.RAW", "b/notes.txt", "b/LICENSE", "b/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("no image")
    note = "files that are not read: 2 .raw, 1 .txt, 1 without an ending"
    assert note in load(str(tmp_path)).notes
    for image in (tmp_path / "a").glob("*.png"):
        image.unlink()
    with pytest.raises(SweeperError, match=r"has no images, but 2 \.raw\); add images"):
        load(str(tmp_path))
