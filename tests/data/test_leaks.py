"""Copies of an image never stand on two sides of a split."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import TEST, TRAIN, VALIDATION, describe, load, split
from sweeper.data.copies import find_copies
from sweeper.errors import SweeperError


def picture(number: int) -> Image.Image:
    coarse = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((40, 40), Image.Resampling.BILINEAR)


def save(folder: Path, name: str, number: int, **options: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(number).save(path, **options)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Two classes of forty images, each of which stands there twice, once encoded again."""
    for c in "ab":
        for i in range(20):
            number = i + 100 * (c == "b")
            save(tmp_path, f"{c}/{i}.png", number)
            save(tmp_path, f"{c}/again-{i}.jpg", number, quality=80)
    return tmp_path


def sides_of(groups: torch.Tensor, result) -> dict[int, set[str]]:
    sides: dict[int, set[str]] = {}
    for name in ("train", "validation", "test"):
        for group in groups[getattr(result, name)].tolist():
            sides.setdefault(group, set()).add(name)
    return sides


@pytest.mark.parametrize("seed", range(5))
def test_copies_stand_on_one_side(copied: Path, seed: int) -> None:
    dataset = load(str(copied))
    groups = find_copies(dataset.inputs).group
    assert len(groups.unique()) == 40
    result = split(dataset, False, seed)
    sides = sides_of(groups, result)
    assert all(len(names) == 1 for names in sides.values())
    assert {name for names in sides.values() for name in names} == {"train", "validation", "test"}


def test_they_are_counted(copied: Path) -> None:
    found = "40 images are copies of others (encoded again or nearly identical): kept on one side"
    assert found in describe(load(str(copied))).notes


def test_a_data_set_without_copies_has_no_note_on_them(tmp_path: Path) -> None:
    for c in "ab":
        for i in range(5):
            save(tmp_path, f"{c}/{i}.png", i + 100 * (c == "b"))
    dataset = load(str(tmp_path))
    assert dataset.copies is None
    assert dataset.notes == ()


def test_training_images_that_test_has_leave_given_parts(tmp_path: Path) -> None:
    for part, start in (("train", 0), ("val", 6), ("test", 8)):
        for c in "ab":
            for i in range(start, start + 6):  # 6 and 7 in val; 8 to 11 in val and in test
                save(tmp_path, f"{part}/{c}/{i}.png", i + 100 * (c == "b"))
    dataset = load(str(tmp_path))
    assert dataset.parts is not None
    counts = dataset.parts.long().bincount()
    assert counts.tolist() == [12, 4, 12]
    assert [int((dataset.parts == part).sum()) for part in (TRAIN, VALIDATION, TEST)] == [12, 4, 12]
    assert find_copies(dataset.inputs).total == 0
    assert any("8 of them left training or validation" in note for note in dataset.notes)


def test_copies_in_given_groups_join_these(tmp_path: Path) -> None:
    lines = ["path,label,group"]
    for c in "ab":
        for i in range(12):
            save(tmp_path, f"{c}{i}.png", i // 2 + 100 * (c == "b"))  # 2i and 2i + 1 are alike
            lines.append(f"{c}{i}.png,{c},person {c}{(i + 1) // 2}")  # 2i - 1 and 2i are a person
    (tmp_path / "list.csv").write_text("\n".join(lines))
    dataset = load(str(tmp_path / "list.csv"))
    assert dataset.groups is not None
    assert len(dataset.groups.unique()) == 2  # a chain through all of a class


def test_one_image_under_two_labels_is_told(tmp_path: Path) -> None:
    for c in "ab":
        for i in range(6):
            save(tmp_path, f"{c}/{i}.png", i + 100 * (c == "b" and i > 1))
    told = "2 images stand under two labels, the first under 'a' and 'b'"
    assert told in load(str(tmp_path)).notes


def test_a_few_copies_are_named(tmp_path: Path) -> None:
    for part, start in (("train", 0), ("test", 5)):
        for c in "ab":
            for i in range(start, start + 6):  # 5 in train and in test
                save(tmp_path, f"{part}/{c}/{i}.png", i + 100 * (c == "b" and i > 0))
    examples = describe(load(str(tmp_path))).examples
    assert examples["under two labels"] == "train/a/0.png = train/b/0.png"
    assert examples["in two parts"] == (
        "test/a/5.png = train/a/5.png, test/b/5.png = train/b/5.png"
    )
    assert examples["copies"] == f"{examples['in two parts']}, {examples['under two labels']}"


def test_copies_in_arrays_are_named_by_their_index(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (24, 8, 8), dtype=np.uint8)
    images[[14, 20]] = images[[5, 11]]
    np.savez(tmp_path / "a.npz", images=images, labels=np.arange(24) % 3)
    described = describe(load(f"{tmp_path / 'a.npz'}[classes=1-2]"))
    assert described.examples == {"copies": "#5 = #14, #11 = #20"}


def test_identical_embeddings_are_copies(tmp_path: Path) -> None:
    """Labels are noise, so that only a copy on the other side of a split tells them."""
    generator = np.random.default_rng(0)
    once, labels = generator.normal(size=(60, 8)), np.arange(60) % 3
    np.savez(
        tmp_path / "a.npz",
        embeddings=np.concatenate([once, once[:40]]).astype(np.float32),
        labels=np.concatenate([labels, labels[:39], [1]]),  # number 39 has label 0
    )
    dataset = load(str(tmp_path / "a.npz"))
    assert dataset.notes == (
        "40 embeddings are copies of others (identical): kept on one side",
        "1 embedding stands under two labels, '0' and '1'",
    )
    assert dataset.examples["under two labels"] == "#39 = #99"
    number = torch.tensor([*range(60), *range(40)])
    for seed in range(5):
        sides = sides_of(number, split(dataset, False, seed))
        assert all(len(names) == 1 for names in sides.values())


def test_test_embeddings_leave_a_given_training_part(tmp_path: Path) -> None:
    once = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    np.savez(
        tmp_path / "a.npz",
        embeddings=np.concatenate([once, once[:6]]),
        labels=np.arange(46) % 2,
        split=np.array(["train"] * 40 + ["test"] * 6),
    )
    dataset = load(str(tmp_path / "a.npz"))
    assert dataset.parts is not None
    assert dataset.parts.tolist() == [TRAIN] * 34 + [TEST] * 6


def test_a_class_of_nothing_but_copies_is_told_what_to_do(make_dataset) -> None:
    """The only image of b is a copy of one that a's split needs elsewhere."""
    labels = [0] * 10 + [1] * 3 + [2] * 10
    for first in range(10):
        copies = torch.arange(len(labels))
        copies[10:13] = first
        dataset = replace(make_dataset(labels), copies=copies)
        side = split(replace(dataset, copies=None), False).train.tolist()
        if first in side:
            split(dataset, False)
            continue
        with pytest.raises(SweeperError, match="'class 1' has no training images") as caught:
            split(dataset, False)
        assert "since they are copies of embeddings of 'class 0'" in str(caught.value)
        assert "give each embedding one label" in str(caught.value)


def test_a_single_copy_is_told_in_the_singular(tmp_path: Path) -> None:
    for c in "ab":
        for i in range(6):
            save(tmp_path, f"{c}/{i}.png", i + 100 * (c == "b" and i > 0))
    notes = load(str(tmp_path)).notes
    assert "1 image stands under two labels, 'a' and 'b'" in notes
    assert "1 image is a copy of another (identical): kept on one side" in notes


def test_images_of_a_single_color_are_counted(tmp_path: Path) -> None:
    for c in "ab":
        for i in range(4):
            save(tmp_path, f"{c}/{i}.png", i + 100 * (c == "b"))
    Image.new("RGB", (40, 40), (3, 4, 5)).save(tmp_path / "a" / "plain.png")
    assert load(str(tmp_path)).notes == ("1 of 9 images is of a single color",)


def test_a_class_whose_training_images_are_all_tested_is_told_why(tmp_path: Path) -> None:
    for number, name in enumerate("abc"):
        for i in range(4):
            save(tmp_path, f"train/{name}/{i}.png", 10 * number + i)
            other = 0 if name == "b" else 100
            save(tmp_path, f"test/{name}/{i}.png", other + 10 * number + i)
    with pytest.raises(SweeperError, match="class 'b' has no training images, since no image"):
        split(load(str(tmp_path)), hold_out=False)
