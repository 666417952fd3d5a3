"""Odd tables, arrays and files, taken from what people report of other tools."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.odd_inputs import (
    IMAGES,
    LABELS,
    Cases,
    arrays,
    classes,
    documented,
    noted,
    table,
)

case = Cases()


@case("a CSV separated by semicolons", "separated by commas, not by ';'")
def _(root: Path) -> Path:
    return table(root, "path;label", ["a/0.png;a", "b/0.png;b"])


@case("a CSV in UTF-16, as spreadsheets write it", "as a CSV in UTF-8")
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,a", "b/0.png,b"], "utf-16")


@case("a CSV that begins with a byte-order mark", classes("a", "b"))
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,a", "b/0.png,b"], "utf-8-sig")


@case("a CSV of addresses", "no file")
def _(root: Path) -> Path:
    return table(root, "path,label", ["https://example.org/0.png,a", "b/0.png,b"])


@case("a CSV whose columns are `filename` and `class`", "no column 'path'")
def _(root: Path) -> Path:
    return table(root, "filename,class", ["a/0.png,a", "b/0.png,b"])


@case("labels with spaces around them", classes("a", "b"))
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png, a", "a/1.png,a ", "b/0.png,b"])


@case("one-hot labels in an .npz", "labels: shape")
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES, labels=np.eye(2)[LABELS])


@case("images from 0 to 1 in an .npz", "uint8 is needed")
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES / 255, labels=LABELS)


@case("images of four channels in an .npz", "with 1 or 3 channels")
def _(root: Path) -> Path:
    return arrays(root, images=np.zeros((8, 6, 6, 4), np.uint8), labels=LABELS)


@case("pickled objects in an .npz", "plain arrays")
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES, labels=np.array(["a", {}] * 4, dtype=object))


@case("a NaN among embeddings", "row 3 has a number that is not finite")
def _(root: Path) -> Path:
    embeddings = np.ones((8, 5))
    embeddings[3, 2] = np.nan
    return arrays(root, embeddings=embeddings, labels=LABELS)


@case("labels from -1 beside class names", "labels: -1 to 0")
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES, labels=LABELS - 1, class_names=np.array(["a", "b"]))


@case("a CSV of absolute paths", classes("a", "b"))
def _(root: Path) -> Path:
    return table(root, "path,label", [f"{root}/a/0.png,a", "b/0.png,b"])


@case("a CSV of Windows paths", "no file")
def _(root: Path) -> Path:
    return table(root, "path,label", [r"a\0.png,a", r"b\0.png,b"])


@case("a CSV that names a missing file", "line 3: no file")
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,a", "a/77.png,a", "b/0.png,b"])


@case("a CSV with Windows line ends and empty lines", classes("a", "b"))
def _(root: Path) -> Path:
    return table(root, "path,label\r", ["a/0.png,a\r", "\r", "b/0.png,b\r", "\r"])


@case("labels with commas in quotes", classes("cat, small", "dog"))
def _(root: Path) -> Path:
    return table(root, "path,label", ['a/0.png,"cat, small"', "b/0.png,dog"])


@case("labels with commas and no quotes", "line 2: more values than columns")
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,cat, small", "a/1.png,cat, large", "b/0.png,dog"])


@case("a NUL character in a label", "line 2: label has a NUL character")
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,a\0", "b/0.png,b"])


@case("labels `1`, `01` and `1.0`", noted("look alike: '01' and '1', and 1 more such pairs"))
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,01", "a/1.png,1", "a/2.png,1.0", "b/0.png,2"])


@case("labels that are measurements", noted("2 classes named by numbers with decimals"))
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,145.5", "a/1.png,147.0", "b/0.png,147.25"])


@case("one file by two paths", noted("under two labels"))
def _(root: Path) -> Path:
    return table(root, "path,label", ["a/0.png,a", "a/../a/0.png,b", "b/0.png,b"])


@case("labels as floating-point numbers", "labels: type float64, not whole numbers or texts")
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES, labels=LABELS.astype(float))


@case("labels of shape [N, 1]", "labels: shape [8, 1], but images need [8]")
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES, labels=LABELS[:, None])


@case("labels -1 and 1", lambda d: (d.class_names, d.notes) == (("1", "-1"), ()))
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES, labels=2 * LABELS - 1)


@case("label -1 beside several others", noted("if it means unlabeled, leave it out"))
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES, labels=np.arange(8) % 3 - 1)


@case("uint8 images of 0 and 1 in an .npz", noted("no pixel is above 1 of 255"))
def _(root: Path) -> Path:
    return arrays(root, images=IMAGES // 128, labels=LABELS)


@case("embeddings that are all zeros", noted("2 of 8 embeddings are one number throughout"))
def _(root: Path) -> Path:
    embeddings = np.random.default_rng(0).normal(size=(8, 5))
    embeddings[2:4] = 0
    return arrays(root, embeddings=embeddings, labels=LABELS)


@case("an embedding too large for float32", "row 3 has a number that is not finite")
def _(root: Path) -> Path:
    embeddings = np.random.default_rng(0).normal(size=(8, 5))
    embeddings[3, 2] = 1e200
    return arrays(root, embeddings=embeddings, labels=LABELS)


@case(
    "numbers in the byte order of other machines", lambda d: d.inputs[1].tolist() == [5, 6, 7, 8, 9]
)
def _(root: Path) -> Path:
    embeddings = np.arange(40).reshape(8, 5).astype(">f8")
    return arrays(root, embeddings=embeddings, labels=LABELS.astype(">i4"))


@case("an .npz of `x_train` and `y_train`", "holds x_train, y_train")
def _(root: Path) -> Path:
    return arrays(root, x_train=IMAGES, y_train=LABELS)


@case("an .npy named .npz", "it is a single array")
def _(root: Path) -> Path:
    np.save(root / "a.npy", IMAGES)
    return (root / "a.npy").rename(root / "a.npz")


@pytest.mark.parametrize("name", case)
def test_an_odd_input_gets_what_the_documentation_says(tmp_path: Path, name: str) -> None:
    case.check(name, tmp_path)


def test_the_documentation_lists_every_case() -> None:
    assert set(case) <= set(documented())
