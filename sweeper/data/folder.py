"""An image folder: a subfolder for each class, or ``train/ val/ test/`` with those inside."""

import os
from pathlib import Path

import torch

from sweeper.data.dataset import TRAIN
from sweeper.data.found import PARTS, Found, encode, natural, require_two_classes
from sweeper.data.images import SUFFIXES, image_file
from sweeper.errors import SweeperError


def load(path: Path) -> Found:
    """List the images of a folder; those of nested subfolders belong to the class above them.

    Classes are sorted naturally (``2`` before ``10``). Hidden files and folders are passed over,
    and so are files whose ending is none of an image. ``train`` beside nothing but ``val`` (or
    ``valid``, ``validation``) and ``test`` is a layout with given parts; else each subfolder is a
    class.

    Raises:
        SweeperError: no class folders, only one class, a class without images, or one in ``val`` or
            ``test`` that ``train`` does not have.
    """
    folders = _subfolders(path)
    names = {folder.name for folder in folders}
    if not folders:
        found = "images" if _images(path) else "nothing"
        raise SweeperError(
            f"{path}: {found} but no subfolders; put each class's images into one of its own"
        )
    if "train" in names and names <= PARTS.keys():
        parts = {folder: PARTS[folder.name] for folder in folders}
        if len(set(parts.values())) < len(parts):
            raise SweeperError(f"{path}: more than one folder for validation; keep one")
    else:
        parts = {path: TRAIN}
    files: list[Path] = []
    classes: list[str] = []
    numbers: list[int] = []
    for folder, part in parts.items():
        for class_folder in _subfolders(folder):
            images = _images(class_folder)
            if not images:
                raise SweeperError(
                    f"{path}: class {class_folder.name!r} is empty ({class_folder} has no images); "
                    "add images or remove the folder"
                )
            files += images
            classes += [class_folder.name] * len(images)
            numbers += [part] * len(images)
    labels, class_names = encode(classes)
    trained = {name for name, part in zip(classes, numbers, strict=True) if part == TRAIN}
    if strangers := [name for name in class_names if name not in trained]:
        raise SweeperError(
            f"{path}: class {strangers[0]!r} is not in train; add it there or remove it elsewhere"
        )
    require_two_classes(class_names, str(path))
    return Found(
        path.stem,
        labels,
        class_names,
        [image_file(file) for file in files],
        parts=torch.tensor(numbers, dtype=torch.uint8) if len(parts) > 1 else None,
    )


def _subfolders(path: Path) -> list[Path]:
    try:
        inside = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise SweeperError(f"cannot list {path}: {error.strerror}") from None
    folders = [entry for entry in inside if entry.is_dir()]
    return sorted(folders, key=lambda folder: natural(folder.name))


def _images(path: Path) -> list[Path]:
    """Return the images below a folder in natural order of their paths."""
    images = []
    for folder, subfolders, names in os.walk(path):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                images.append(Path(folder, name))
    return sorted(images, key=lambda image: natural(str(image)))
