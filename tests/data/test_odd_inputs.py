"""Odd inputs, taken from what people report of other tools; docs/images.md lists what each gets.

Each case writes a small data set and says what comes of it: an error of one line, or what the
loaded data set must hold.
"""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sweeper.data import Dataset, load
from sweeper.errors import SweeperError

Case = Callable[[Path], str | Path | None]

CASES: dict[str, tuple[Case, object]] = {}


def case(name: str, expected: object) -> Callable[[Case], Case]:
    """Register a case: what is expected is a part of the error, or a check of the data set."""

    def register(make: Case) -> Case:
        CASES[name] = (make, expected)
        return make

    return register


def picture(seed: int, size: tuple[int, int] = (40, 40)) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR)


def save(path: Path, image: Image.Image, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def folder(root: Path, classes: str | tuple[str, ...] = "ab", each: int = 4) -> Path:
    for c, name in enumerate(classes):
        for i in range(each):
            save(root / name / f"{i}.png", picture(100 * c + i))
    return root


def table(root: Path, header: str, rows: list[str], encoding: str = "utf-8") -> Path:
    folder(root)
    path = root / "list.csv"
    path.write_bytes("\n".join([header, *rows]).encode(encoding))
    return path


def arrays(root: Path, **content: object) -> Path:
    np.savez(root / "a.npz", **content)
    return root / "a.npz"


IMAGES = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
LABELS = np.arange(8) % 2


def classes(*names: str) -> Callable[[Dataset], bool]:
    return lambda dataset: dataset.class_names == names


def noted(part: str) -> Callable[[Dataset], bool]:
    return lambda dataset: any(part in note for note in dataset.notes)


@case("a folder inside the folder, as archives unpack", "name ")
def _(root: Path) -> None:
    folder(root / "dataset")


@case("`__MACOSX`, `@eaDir` and other folders of systems", classes("a", "b"))
def _(root: Path) -> None:
    folder(root)
    save(root / "__MACOSX" / "a" / "0.png", picture(1))
    save(root / "a" / "@eaDir" / "0.png", picture(2))


@case("classes that differ by case alone", noted("look alike: 'Cat' and 'cat'"))
def _(root: Path) -> None:
    folder(root, ("Cat", "cat", "dog"))


@case("one name in two Unicode forms", noted("look alike"))
def _(root: Path) -> None:
    folder(root, ("caf\u00e9", "cafe\u0301", "tea"))


@case("a file of 0 bytes", "cannot read the image")
def _(root: Path) -> None:
    (folder(root) / "a" / "9.jpg").write_bytes(b"")


@case("a JPEG cut in the middle", "cannot read the image")
def _(root: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(file, "JPEG")
    (folder(root) / "a" / "9.jpg").write_bytes(file.getvalue()[:2000])


@case("a web page saved as .jpg", "cannot identify image file")
def _(root: Path) -> None:
    (folder(root) / "a" / "9.jpg").write_text("<html>404 Not Found</html>")


@case("a PNG named .jpg", lambda dataset: len(dataset) == 9)
def _(root: Path) -> None:
    save(folder(root) / "a" / "9.jpg", picture(9), format="PNG")


@case("a CMYK JPEG", lambda dataset: dataset.input_shape == (3, 40, 40))
def _(root: Path) -> None:
    save(folder(root) / "a" / "9.jpg", picture(9).convert("CMYK"))


@case("a floating-point TIFF", "floating-point pixels")
def _(root: Path) -> None:
    save(folder(root) / "a" / "9.tif", Image.fromarray(np.random.rand(9, 9).astype(np.float32)))


@case("a TIFF with negative values", "unknown range")
def _(root: Path) -> None:
    save(folder(root) / "a" / "9.tif", Image.fromarray(np.array([[-1, 5]], np.int32)))


@case("a TIFF of several pages", noted("more than one frame or page"))
def _(root: Path) -> None:
    pages = [picture(i) for i in range(3)]
    save(folder(root) / "a" / "9.tif", pages[0], save_all=True, append_images=pages[1:])


@case("an animated GIF that begins blank", lambda dataset: not noted("single color")(dataset))
def _(root: Path) -> None:
    frames = [Image.new("RGB", (40, 40)), picture(9)]
    save(folder(root) / "a" / "9.gif", frames[0], save_all=True, append_images=frames[1:])


@case("white shapes on transparency", lambda dataset: not noted("single color")(dataset))
def _(root: Path) -> None:
    shape = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    shape.paste((255, 255, 255, 255), (5, 5, 20, 30))
    save(folder(root) / "a" / "9.png", shape)


@case("a file that claims 100,000 x 100,000 pixels", "cannot read the image")
def _(root: Path) -> None:
    header = struct.pack(">2I5B", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    (folder(root) / "a" / "9.png").write_bytes(content + struct.pack(">I", zlib.crc32(chunk)))


@case("a panorama among photos", noted("sides of 20 to 2,000 pixels"))
def _(root: Path) -> None:
    save(folder(root) / "a" / "9.png", picture(9, (2000, 20)))


@case("a link that leads nowhere", "cannot read the image")
def _(root: Path) -> None:
    (folder(root) / "a" / "9.png").symlink_to(root / "gone.png")


@case("images of one color", noted("4 of 12 images are of a single color"))
def _(root: Path) -> None:
    folder(root)
    for i in range(4):
        save(root / "c" / f"{i}.png", Image.new("RGB", (40, 40), (i, i, i)))


@case("the same photo under two labels", noted("under two labels, the first under 'a' and 'b'"))
def _(root: Path) -> None:
    save(folder(root) / "b" / "9.jpg", picture(0), quality=90)


@case("a .zip", "unpack it first")
def _(root: Path) -> Path:
    (root / "photos.zip").write_bytes(b"PK")
    return root / "photos.zip"


@case("one image in place of a data set", "neither a folder nor a .csv or .npz file")
def _(root: Path) -> Path:
    return save(root / "a.png", picture(0))


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


@pytest.mark.parametrize("name", CASES)
def test_an_odd_input_gets_what_the_documentation_says(tmp_path: Path, name: str) -> None:
    make, expected = CASES[name]
    path = make(tmp_path) or tmp_path
    if isinstance(expected, str):
        with pytest.raises(SweeperError) as caught:
            load(str(path))
        assert expected in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
    else:
        assert callable(expected)
        assert expected(load(str(path)))


def test_the_documentation_lists_every_case() -> None:
    page = Path(__file__).parents[2] / "docs" / "images.md"
    rows = [line.split("|")[1].strip() for line in page.read_text().splitlines() if line[:1] == "|"]
    assert sorted(CASES) == sorted(row for row in rows if row in CASES)
    assert len(CASES) >= 30
