"""Telling whether the subfolders of a data set are classes or the parts of a split."""

from pathlib import Path

from sweeper.data.dataset import TRAIN
from sweeper.data.readers.folder_entries import loose_images, refuse_loose_images, subfolders
from sweeper.data.split_names import is_part, part_within
from sweeper.errors import SweeperError


def folder_parts(path: Path) -> dict[Path, int]:
    """Return the folders that contain class folders, with the part of a split that each is.

    Folders are parts if all of their names mention a part, one of them training, and they contain
    class folders with the same names. A folder that contains only one of the same name, such as
    ``seg_train/seg_train``, is replaced by the inner one.

    Raises:
        SweeperError: the folders look like parts, but one has no class folders, two are the same
            part, none is for training, their classes differ, or other folders are next to them;
            or the class folders contain the parts.
    """
    folders = subfolders(path)
    parts = {f: part for f in folders if (part := part_within(f.name)) is not None}
    others = [folder for folder in folders if folder not in parts]
    nested = any(subfolders(folder) for folder in parts)
    # Two kinds of train in two folders of images are classes.
    if TRAIN in parts.values() and not others and len(parts) > 1:
        if nested or len(set(parts.values())) > 1:
            return _layout(path, parts)
        return {path: TRAIN}
    exact = [folder for folder in parts if is_part(folder.name)]
    if TRAIN in parts.values() and not others and exact:  # train alone
        refuse_loose_images(path)
        return parts
    # As classes, these would train a classifier of training against test images.
    inner = _shared_inner_folders(path)
    several = len(set(parts.values())) > 1 and (nested or TRAIN in parts.values())
    if several or (nested and len(inner) > 1):
        names = " and ".join(folder.name for folder in parts)
        problem = f"{others[0].name!r} is next to them" if others else "there is no train"
        raise SweeperError(
            f"{path}: {names} look{'s' if len(parts) == 1 else ''} like the parts of a split, but "
            f"{problem}; keep only train, val and test there, with a folder per class in each, or, "
            "if these are classes, rename them"
        )
    if (
        len(inner) > 1
        and any(map(is_part, inner))
        and all(part_within(n) is not None for n in inner)
    ):
        raise SweeperError(
            f"{path}: the class folders contain {' and '.join(inner)}, the parts of a split; put "
            "folders of the classes into those of the parts, or list the images in a .csv with the "
            "columns path, label and split"
        )
    return {path: TRAIN}


def _shared_inner_folders(path: Path) -> list[str]:
    """Return the names of the folders that all subfolders contain, none if one holds images."""
    folders = subfolders(path)
    if len(folders) < 2 or any(loose_images(folder) for folder in folders):
        return []
    inside = [{inner.name for inner in subfolders(folder)} for folder in folders]
    return sorted(set.intersection(*inside))


def _layout(path: Path, parts: dict[Path, int]) -> dict[Path, int]:
    """Return the part of each folder that contains class folders."""
    names = ", ".join(folder.name for folder in parts)
    if len(set(parts.values())) < len(parts):
        raise SweeperError(
            f"{path}: more than one folder for the same part among {names}; keep one"
        )
    refuse_loose_images(path)
    inner = {_unwrapped(folder): part for folder, part in parts.items()}
    classes = {folder: {entry.name for entry in subfolders(folder)} for folder in inner}
    for folder, inside in classes.items():
        if not inside:
            content = "images" if loose_images(folder) else "nothing"
            raise SweeperError(
                f"{path}: {names} look like the parts of a split, but {folder.name} has {content} "
                "but no class folders; put the images of each class into a folder of their own "
                "there, or list them in a .csv with the columns path, label and split"
            )
    if all(is_part(folder.name) for folder in parts):  # unambiguous: the reader names the class
        return inner
    train = next(folder for folder, part in inner.items() if part == TRAIN)
    for folder, inside in classes.items():
        if not inside & classes[train]:
            raise SweeperError(
                f"{path}: {names} look like the parts of a split, but {folder.name} has no class "
                f"of {train.name}; name the class folders alike, or, if these are classes, rename "
                "them"
            )
    return inner


def _unwrapped(folder: Path) -> Path:
    """Return the inner folder if it is the only one and has the same name, as in archives."""
    inside = subfolders(folder)
    if len(inside) == 1 and inside[0].name == folder.name and not loose_images(folder):
        return inside[0]
    return folder
