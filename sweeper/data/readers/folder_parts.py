"""Whether the folders inside a data set's folder are its classes or the parts of a given split."""

from pathlib import Path

from sweeper.data.dataset import TRAIN
from sweeper.data.readers.folder_entries import loose_images, refuse_loose_images, subfolders
from sweeper.data.split_names import is_part, part_within
from sweeper.errors import SweeperError


def folder_parts(path: Path) -> dict[Path, int]:
    """Return the folders that hold class folders, and the part of a split that each is.

    Folders are parts if the name of every one of them speaks of a part, one of them of training,
    and they have class folders of the same names inside. A folder that holds nothing but one of the
    same name, as ``seg_train/seg_train``, stands for the one inside.

    Raises:
        SweeperError: the folders look like parts, but one has no class folders, two are the same
            part, none is for training, their classes differ, or other folders are beside them.
    """
    folders = subfolders(path)
    parts = {f: part for f in folders if (part := part_within(f.name)) is not None}
    others = [folder for folder in folders if folder not in parts]
    if TRAIN in parts.values() and not others and len(parts) > 1:
        return _layout(path, parts)
    exact = [folder for folder in parts if is_part(folder.name)]
    if TRAIN in parts.values() and not others and exact:  # train alone
        refuse_loose_images(path)
        return parts
    # As classes these would train a classifier of the training images against the test images.
    if len(set(parts.values())) > 1 and any(subfolders(folder) for folder in parts):
        names = " and ".join(folder.name for folder in parts)
        wrong = f"{others[0].name!r} is beside them" if others else "there is no train"
        raise SweeperError(
            f"{path}: {names} look like the parts of a split, but {wrong}; "
            "keep train, val and test alone there, or one folder for each class"
        )
    return {path: TRAIN}


def _layout(path: Path, parts: dict[Path, int]) -> dict[Path, int]:
    """Return the parts, each by the folder that holds its class folders."""
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
            held = "images" if loose_images(folder) else "nothing"
            raise SweeperError(
                f"{path}: {names} look like the parts of a split, but {folder.name} holds {held} "
                "and no class folders; put the images of each class into a folder of its own "
                "there, or list them in a .csv with the columns path, label and split"
            )
    if all(is_part(folder.name) for folder in parts):  # beyond doubt: the reader names the class
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
    """Return the folder inside where it is alone and has the same name; archives do so."""
    inside = subfolders(folder)
    if len(inside) == 1 and inside[0].name == folder.name and not loose_images(folder):
        return inside[0]
    return folder
