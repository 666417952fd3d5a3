"""Odd images and folders, taken from what people report of other tools."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import Dataset, split
from sweeper.errors import SweeperError
from tests.support.odd_inputs import Cases, classes, documented, folder, noted, picture, save

case = Cases()


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


@case("the same photo under two labels", noted("1 image stands under two labels, 'a' and 'b'"))
def _(root: Path) -> None:
    save(folder(root) / "b" / "9.jpg", picture(0), quality=90)


@case("a .zip", "unpack it first")
def _(root: Path) -> Path:
    (root / "photos.zip").write_bytes(b"PK")
    return root / "photos.zip"


@case("one image in place of a data set", "neither a folder nor a .csv or .npz file")
def _(root: Path) -> Path:
    return save(root / "a.png", picture(0))


@case("photos in any of the eight EXIF orientations", lambda d: alike(d.inputs[d.labels == 0]))
def _(root: Path) -> None:
    upright = picture(5)
    # How a camera that was held so stores what is upright.
    undo = (None, 0, 3, 1, 5, 2, 6, 4)
    for orientation, method in enumerate(undo, start=1):
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = upright if method is None else upright.transpose(Image.Transpose(method))
        save(root / "a" / f"{orientation}.png", stored, exif=exif)
        save(root / "b" / f"{orientation}.png", picture(50 + orientation))


def alike(images: torch.Tensor) -> bool:
    return bool((images == images[:1]).all())


@case("a 16-bit gray PNG beside 8-bit ones", noted("1 file of 16 bits"))
def _(root: Path) -> None:
    gray = np.asarray(picture(9).convert("L")).astype(np.uint16) * 257
    save(folder(root) / "a" / "9.png", Image.fromarray(gray))


def fills_the_depth(dataset: Dataset) -> bool:
    note = "8 files of 16 bits, which hold 12: scaled by 4,095 to 255"
    return noted(note)(dataset) and dataset.inputs.shape[1] == 3 and len(tones(dataset)) > 100


@case("16-bit color PNGs that hold 12 bits", fills_the_depth)
def _(root: Path) -> None:
    for i in range(8):
        (root / "ab"[i % 2]).mkdir(exist_ok=True)
        values = np.asarray(picture(i)).astype(np.uint16) * 16
        (root / "ab"[i % 2] / f"{i}.png").write_bytes(deep_png(values))


def like_eight_bits(dataset: Dataset) -> bool:
    deep, usual = dataset.inputs[dataset.labels == 0][-2:].int()
    return (
        noted("1 file of 16 bits, which hold 16")(dataset) and int((deep - usual).abs().max()) <= 1
    )


@case("a 16-bit color PNG beside 8-bit ones", like_eight_bits)
def _(root: Path) -> None:
    values = np.asarray(picture(9)).astype(np.uint16) * 257
    (folder(root) / "a" / "90.png").write_bytes(deep_png(values))
    save(root / "a" / "91.png", picture(9))


@case(
    "a 16-bit color PNG with transparency",
    noted("1 color file of 16 bits, read with their upper 8"),
)
def _(root: Path) -> None:
    values = np.asarray(picture(9).convert("RGBA")).astype(np.uint16) * 257
    (folder(root) / "a" / "9.png").write_bytes(deep_png(values))


def deep_png(values: np.ndarray) -> bytes:
    """A PNG of 16 bits per channel, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    kind = {3: 2, 4: 6}[values.shape[2]]  # RGB, RGBA
    header = struct.pack(">2I5B", values.shape[1], values.shape[0], 16, kind, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@case("a palette with a transparent color", lambda dataset: set(tones(dataset)) == {10, 255})
def _(root: Path) -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([0, 0, 0, 10, 10, 10] + [99] * 762)
    image.paste(1, (5, 5, 20, 30))
    for i in range(8):
        save(root / "ab"[i % 2] / f"{i}.png", image, transparency=0)


def tones(dataset: Dataset) -> list[int]:
    return dataset.inputs.unique().tolist()


@case("1-bit images", lambda dataset: tones(dataset) == [0, 255])
def _(root: Path) -> None:
    for i in range(8):
        save(root / "ab"[i % 2] / f"{i}.png", picture(i).convert("1"))


@case("images of a single pixel", noted("8 of 8 images are of a single color"))
def _(root: Path) -> None:
    for i in range(8):
        save(root / "ab"[i % 2] / f"{i}.png", Image.new("RGB", (1, 1), (20 * i, 50, 99)))


@case("an animated WebP that begins blank", lambda dataset: not noted("single color")(dataset))
def _(root: Path) -> None:
    frames = [Image.new("RGB", (40, 40)), picture(9)]
    options = {"save_all": True, "append_images": frames[1:], "lossless": True}
    save(folder(root) / "a" / "9.webp", frames[0], **options)


@case("a JPEG of two pictures, as some phones write it", noted("more than one frame or page"))
def _(root: Path) -> None:
    options = {"format": "MPO", "save_all": True, "append_images": [picture(8)]}
    save(folder(root) / "a" / "9.jpg", picture(9), **options)


@case("a JPEG with broken EXIF", lambda dataset: len(dataset) == 9)
def _(root: Path) -> None:
    save(folder(root) / "a" / "9.jpg", picture(9), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")


@case("hidden files: `.DS_Store`, `._0.png`", lambda d: (len(d), d.notes) == (8, ()))
def _(root: Path) -> None:
    for name in (".DS_Store", "._0.png"):
        (folder(root) / "a" / name).write_bytes(b"x")


@case("an SVG or an icon", noted("files that are not read: 1 .ico, 1 .svg"))
def _(root: Path) -> None:
    (folder(root) / "a" / "x.svg").write_text("<svg/>")
    (root / "a" / "x.ico").write_bytes(b"x")


@case("a pipe among the images", "not a regular file")
def _(root: Path) -> None:
    os.mkfifo(folder(root) / "a" / "9.png")


@case("a folder named like an image", lambda dataset: len(dataset) == 9)
def _(root: Path) -> None:
    save(folder(root) / "a" / "x.png" / "0.png", picture(9))


@case("a file name that is not UTF-8", lambda dataset: len(dataset) == 8)
def _(root: Path) -> None:
    os.rename(folder(root) / "a" / "0.png", os.fsencode(root / "a") + b"/\xff.png")


@case("links that lead in a circle", lambda dataset: len(dataset) == 8)
def _(root: Path) -> None:
    (folder(root) / "a" / "same").symlink_to(root / "a")
    (root / "b" / "up").symlink_to(root)


@case("a class folder that is a link to another", noted("4 images stand under two labels"))
def _(root: Path) -> None:
    (folder(root) / "c").symlink_to(root / "a")


NAMES = ("a=b[1]", "caf\u00e9, \u732b", "new york")


@case("class names with spaces, commas, brackets, any script", classes(*NAMES))
def _(root: Path) -> None:
    folder(root, NAMES)


def cannot_be_split(dataset: Dataset) -> bool:
    with pytest.raises(SweeperError, match="class 'c' has too few images to split: 1, where 3"):
        split(dataset, hold_out=False)
    return True


@case("a class of one image", cannot_be_split)
def _(root: Path) -> None:
    save(folder(root) / "c" / "0.png", picture(9))


@case("the same class folders in a folder for each day", "same names ('cat' and 'dog'), like")
def _(root: Path) -> None:
    for day in ("monday", "tuesday"):
        folder(root / day, ("cat", "dog"))


@case("`train` and `test` inside each class folder", "the parts of a split; put folders of the")
def _(root: Path) -> None:
    for name in ("cat", "dog"):
        folder(root / name, ("train", "test"))


@pytest.mark.parametrize("name", case)
def test_an_odd_input_gets_what_the_documentation_says(tmp_path: Path, name: str) -> None:
    case.check(name, tmp_path)


def test_the_documentation_lists_every_case() -> None:
    assert set(case) <= set(documented())


def test_every_row_of_the_documentation_is_a_case() -> None:
    sources = [path.read_text() for path in Path(__file__).parent.glob("test_odd_*.py")]
    rows = documented()
    assert len(rows) > 60
    assert not [row for row in rows if not any(f'"{row}"' in source for source in sources)]
