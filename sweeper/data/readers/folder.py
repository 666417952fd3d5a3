"""An image folder: a subfolder for each class, or ``train/ val/ test/`` with those inside."""

import os
from pathlib import Path

import torch

from sweeper.data.class_names import encode, natural, require_two_classes
from sweeper.data.dataset import TRAIN
from sweeper.data.image_files import SUFFIXES, image_file
from sweeper.data.paths import origin, require_utf8
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.split_names import is_part, part_number
from sweeper.errors import SweeperError


def load(path: Path) -> RawDataset:
    """List the images of a folder; those of nested subfolders belong to the class above them.

    Classes are sorted naturally (``2`` before ``10``). Hidden files and folders are passed over,
    and so are files whose ending is none of an image. Links to folders are followed. ``train``
    beside nothing but ``val`` and ``test``, or other words of ``PARTS``, is a layout with given
    parts; else each subfolder is a class.

    Raises:
        SweeperError: no class folders, only one class, a class without images, images beside class
            folders, a layout of parts without ``train`` or with other folders beside, or a class in
            ``val`` or ``test`` that ``train`` does not have.
    """
    parts = _parts(path)
    files: list[Path] = []
    classes: list[str] = []
    numbers: list[int] = []
    for folder, part in parts.items():
        for class_folder in _class_folders(folder):
            images = _images(class_folder, path)
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
    return RawDataset(
        origin(path),
        labels,
        class_names,
        [image_file(file) for file in files],
        parts=torch.tensor(numbers, dtype=torch.uint8) if len(parts) > 1 else None,
    )


def _parts(path: Path) -> dict[Path, int]:
    """Return the folders that hold class folders, and the part that each is."""
    folders = _subfolders(path)
    named = [folder for folder in folders if is_part(folder.name)]
    others = [folder for folder in folders if folder not in named]
    parts = {folder: part_number(folder.name) for folder in named}
    if TRAIN in parts.values() and not others:
        if len(set(parts.values())) < len(parts):
            names = ", ".join(folder.name for folder in named)
            raise SweeperError(
                f"{path}: more than one folder for the same part among {names}; keep one"
            )
        _refuse_loose(path)
        return parts
    # As classes these would train a classifier of the training images against the test images.
    if len(named) > 1 and any(_subfolders(folder) for folder in named):
        names = " and ".join(folder.name for folder in named)
        wrong = f"{others[0].name!r} is beside them" if others else "there is no train"
        raise SweeperError(
            f"{path}: {names} look like the parts of a split, but {wrong}; "
            "keep train, val and test alone there, or one folder for each class"
        )
    return {path: TRAIN}


def _class_folders(path: Path) -> list[Path]:
    folders = _subfolders(path)
    if not folders:
        found = "images" if _loose(path) else "nothing"
        raise SweeperError(
            f"{path}: {found} but no subfolders; put each class's images into one of its own"
        )
    _refuse_loose(path)
    for folder in folders:
        require_utf8(folder)
    return folders


def _refuse_loose(path: Path) -> None:
    if loose := _loose(path):
        raise SweeperError(
            f"{path}: images lie beside its folders and in no class ({loose[0].name} first of "
            f"{len(loose):,}); put them into a class folder or move them away"
        )


def _loose(path: Path) -> list[Path]:
    return [entry for entry in _entries(path) if _is_image(entry.name) and entry.is_file()]


def _subfolders(path: Path) -> list[Path]:
    folders = [entry for entry in _entries(path) if entry.is_dir()]
    return sorted(folders, key=lambda folder: natural(folder.name))


def _entries(path: Path) -> list[Path]:
    """Return what is in a folder and not hidden."""
    try:
        return sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise SweeperError(f"cannot list {path}: {error.strerror}") from None


def _images(folder: Path, root: Path) -> list[Path]:
    """Return the images below a class folder in natural order of their paths."""
    images = []
    # A link may lead back to where it is, or to a folder that another one leads to.
    seen = {os.path.realpath(place) for place in (root, folder.parent, folder)}
    for place, subfolders, names in os.walk(folder, followlinks=True):
        fresh = []
        for name in sorted(subfolders):
            target = os.path.realpath(os.path.join(place, name))
            if not name.startswith(".") and target not in seen:
                seen.add(target)
                fresh.append(name)
        subfolders[:] = fresh
        images += [Path(place, name) for name in names if _is_image(name)]
    return sorted(images, key=lambda image: natural(str(image)))


def _is_image(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
