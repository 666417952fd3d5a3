"""Files that people send to be measured, and those that attackers do."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def embeddings_file(path: Path, number: int = 300, classes: int = 6) -> Path:
    """Write an .npz of embeddings."""
    random = np.random.default_rng(3)
    labels = np.arange(number) % classes
    points = random.normal(size=(classes, 12))[labels] + random.normal(size=(number, 12))
    np.savez(path, embeddings=points.astype(np.float32), labels=labels)
    return path


def images_file(path: Path, number: int = 120, classes: int = 4) -> Path:
    """Write an .npz of gray images."""
    random = np.random.default_rng(4)
    labels = np.arange(number) % classes
    images = random.normal(60 * labels[:, None, None], 40, (number, 12, 12)).clip(0, 255)
    np.savez_compressed(path, images=images.astype(np.uint8), labels=labels)
    return path


def image_folder(path: Path, number: int = 12, classes: int = 4) -> Path:
    """Write a folder of a folder of color images for each class, and a file that is none."""
    random = np.random.default_rng(5)
    for kind in range(classes):
        (path / f"class {kind}").mkdir(parents=True)
        for place in range(number):
            image = random.normal(60 * kind, 40, (20, 24, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(image).save(path / f"class {kind}" / f"{place}.png")
    return path


def zipped(folder: Path, path: Path) -> Path:
    """Write an archive of a folder as people do, with what systems add."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir(folder.name)
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder.parent))
        archive.writestr(f"__MACOSX/{folder.name}/._class 0", b"\0")
        archive.writestr(f"{folder.name}/class 0/.DS_Store", b"\0")
    return path


def archive_of(path: Path, content: Mapping[str | zipfile.ZipInfo, bytes]) -> Path:
    """Write an archive of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def png(width: int = 8, height: int = 8, shade: int = 0) -> bytes:
    """Return a small image as a file."""
    buffer = io.BytesIO()
    Image.new("L", (width, height), shade).save(buffer, "PNG")
    return buffer.getvalue()


def claimed_png(width: int, height: int) -> bytes:
    """Return a file of a few bytes whose header claims any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def claimed_npy(shape: tuple[int, ...], kind: str = "|u1", held: bytes = b"") -> bytes:
    """Return an .npy whose header claims any shape."""
    header = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + held
