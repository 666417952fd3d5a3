"""Folders of folders: what may as well be parts of a split is refused, classes are read."""

from pathlib import Path

import pytest

from sweeper.data import load
from sweeper.errors import SweeperError


def tree(**inner: str) -> list[str]:
    """Two images in each inner folder, which a letter names; a dot stands for the outer one."""
    return [f"{outer}/{c}/{i}.png" for outer, names in inner.items() for c in names for i in "12"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (tree(A="ab", B="ab"), "A and B contain folders with the same names ('a' and 'b')"),
        (tree(fold1="abcd", fold2="abcd", fold10="abcd"),
         "fold1, fold2 and fold10 contain folders with the same names ('a', 'b', 'c' and 1 more)"),
        # Some classes are not in all parts, or one part has a single class.
        (tree(A="abcd", B="ac", C="bd"), "A, B and C contain folders"),
        (tree(A="ab", B="ab", C="a"), "A, B and C contain folders"),
        # Another folder beside the parts.
        (tree(A="abc", B="abc", figures="x"), "A and B contain folders"),
        (tree(A="abc", B="bcd"), "same names ('b' and 'c')"),
        # Domains, with a folder that wraps the classes in each.
        ([f"{d}/images/{c}/1.png" for d in ("amazon", "dslr") for c in ("bike", "mug")],
         "amazon and dslr contain folders with the same names ('bike' and 'mug')"),
        # Fewer images beside the inner folders than make the outer ones classes.
        ([*(f"{d}/{c}/{i}.png" for d in ("fold1", "fold2") for c in "ab" for i in range(5)),
          "fold1/montage.png"], "fold1 and fold2 contain folders"),
        ([*(f"{d}/images/{c}/{i}.png" for d in ("amazon", "dslr") for c in "ab" for i in range(5)),
          "dslr/overview.png"], "amazon and dslr contain folders"),
        ([f"train/{d}/{c}/1.png" for d in ("art", "sketch") for c in ("dog", "horse")],
         "art and sketch contain folders with the same names ('dog' and 'horse')"),
    ],
)  # fmt: skip
def test_what_may_as_well_be_parts_is_refused(tmp_path, write_images, files, says) -> None:
    write_images(tmp_path, dict.fromkeys(files, (8, 8)))
    with pytest.raises(SweeperError, match=r"^[^\n]*$") as caught:
        load(str(tmp_path))
    error = str(caught.value)
    assert says in error
    for remedy in ("train, val and test", "split or group", "directly into its folder"):
        assert remedy in error


@pytest.mark.parametrize(
    ("files", "classes"),
    [
        (tree(cat="ab", dog="cd"), ("cat", "dog")),
        (tree(cat="ab", dog="bc"), ("cat", "dog")),  # one name alone
        ([f"{c}/images/{i}.png" for c in ("cat", "dog") for i in "12"], ("cat", "dog")),
        ([f"{c}/raw/images/{i}.png" for c in ("cat", "dog") for i in "12"], ("cat", "dog")),
    ],
)  # fmt: skip
def test_classes_with_folders_of_other_names_are_read(
    tmp_path: Path, write_images, files, classes
) -> None:
    write_images(tmp_path, dict.fromkeys(files, (8, 8)))
    dataset = load(str(tmp_path))
    assert dataset.class_names == classes
    assert not any("folders with the same names" in note for note in dataset.notes)


@pytest.mark.parametrize(
    "files",
    [
        tree(Rosa="abcdef", Viola="efghij"),  # species of one name in two genera
        [*tree(dog="ab", cow="ab"), "cat/1.png", "cat/2.png"],  # indoors and outdoors
        [*tree(dog="ab", cow="ab"), "cow/1.png"],
        [f"{p}/{c}/{place}/{p}{c}{place}.png"
         for p in ("train", "test") for c in ("cat", "dog") for place in "ab"],
    ],
)  # fmt: skip
def test_classes_are_read_with_a_note_where_few_names_are_alike_or_images_beside(
    tmp_path: Path, write_images, files
) -> None:
    write_images(tmp_path, dict.fromkeys(files, (8, 8)))
    dataset = load(str(tmp_path))
    assert set(dataset.class_names) <= {"Rosa", "Viola", "cat", "dog", "cow"}
    assert any("contain folders with the same names" in note for note in dataset.notes)
