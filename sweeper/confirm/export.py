"""The winner of a confirmation in a folder: weights, how to load them, and how they came about."""

import contextlib
import io
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sweeper import models
from sweeper.confirm.confirmation import Winner
from sweeper.confirm.description import describe, describe_refit
from sweeper.confirm.loader import loader
from sweeper.confirm.readme import readme
from sweeper.confirm.refit import Refit
from sweeper.confirm.tested_samples import tested_samples
from sweeper.errors import SweeperError, UsageError
from sweeper.files import replace_file
from sweeper.models.portable import portable_state
from sweeper.store import Confirmation
from sweeper.study.open_study import OpenStudy

_WEIGHTS, _CODE, _ABOUT = "weights.pt", "load.py", "setting.json"
_TESTED, _README = "test-samples.csv", "README.md"

#: The folder, in that of the confirmed weights, of those that were trained on all samples.
REFIT = "refit"

#: More characters of a study's name do not go into that of a folder.
_LONGEST = 100
#: Bytes that are written to see whether a folder can be written to, and its disk has any room.
_TRIED = 4096


def default_folder(study_name: str) -> Path:
    """Return the folder of a study's winner where the user names none."""
    safe = re.sub(r"[^\w.-]+", "-", study_name)[:_LONGEST].strip("-.")
    return Path(f"{safe or 'study'}-winner")


@contextlib.contextmanager
def new_folder(folder: Path, files: Mapping[str, bytes] | None = None) -> Iterator[None]:
    """Make the folder, with those it lies in; after an error all is as it was before.

    Args:
        folder: to make.
        files: from `export_files`, of which some may lie there already.

    Raises:
        UsageError: there is something else in it already.
        SweeperError: it cannot be made, or nothing can be written to it.
    """
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    new: list[Path] = []
    try:
        _make(folder, files or {})
        new += [folder / name for name in files or {} if not (folder / name).exists()]
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # what ended the work is what the user hears of
            for path in new:
                path.unlink(missing_ok=True)
        _remove(missing)
        raise


def require_folder(folder: Path) -> None:
    """See to it, before anything is trained for a folder, that `new_folder` can make it.

    Raises:
        UsageError: there is something in it already.
        SweeperError: it cannot be made, or nothing can be written to it.
    """
    with contextlib.suppress(_Undone), new_folder(folder):
        raise _Undone


class _Undone(Exception):
    """Makes `new_folder` undo what it did."""


def _make(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ours = {*files, REFIT} if files and _is_of(folder, files) else set()
        taken = any(path.name not in ours for path in folder.iterdir())
        if not taken:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(_TRIED))
    except FileExistsError:
        raise UsageError(f"{folder} is no folder; choose another with -o") from None
    except OSError as error:
        raise SweeperError(f"{folder}: {error.strerror}; choose another folder with -o") from error
    if taken:
        raise UsageError(f"folder {folder} is not empty; choose another with -o")


def _remove(folders: list[Path]) -> None:
    """Remove folders, the innermost first, but for what somebody else has put something into."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def export_files(opened: OpenStudy, confirmation: Confirmation, winner: Winner) -> dict[str, bytes]:
    """Return what is exported, by name, as it is stored; `write` writes it.

    Of a net with a frozen body the weights are those of the head alone.
    """
    mean, std = _standardization(opened)
    tested = tested_samples(opened, winner.seed)
    return {
        **_loadable(opened, winner, mean, std),
        _ABOUT: _json(describe(opened, confirmation, winner, mean, std)),
        **({_TESTED: tested.encode()} if tested else {}),
    }


def refit_files(opened: OpenStudy, confirmation: Confirmation, refit: Refit) -> dict[str, bytes]:
    """Return what is exported of weights that were trained on all samples, as `export_files`."""
    mean, std = _standardization(refit.opened)
    return {
        **_loadable(refit.opened, refit.winner, mean, std),
        _ABOUT: _json(describe_refit(opened, confirmation, refit, mean, std)),
        _README: readme(opened, confirmation, refit).encode(),
    }


def _standardization(opened: OpenStudy) -> tuple[Tensor, Tensor]:
    """Return mean and std of the inputs as they are trained on."""
    of_weights = models.standardization(opened.spec.net)
    if of_weights is not None:
        return of_weights[0].float(), of_weights[1].float()
    data = opened.task.training_data(torch.device("cpu"))
    return data.mean, data.std


def _loadable(opened: OpenStudy, winner: Winner, mean: Tensor, std: Tensor) -> dict[str, bytes]:
    """Return the weights and the program that loads them."""
    content = io.BytesIO()
    weights = {"net": winner.net, "loss": winner.loss, "mean": mean, "std": std}
    torch.save(weights, content)
    return {
        _WEIGHTS: content.getvalue(),
        _CODE: loader(opened, winner.trial.setting).encode(),
    }


def _json(description: Mapping[str, Any]) -> bytes:
    about = json.dumps(description, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{about}\n".encode()


def is_written(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Return whether what a confirmation exports lies in a folder."""
    there = all((folder / name).is_file() for name in files)
    return there and _is_of(folder, files)


def _is_of(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Return whether the description in a folder is that of these files."""
    about = folder / _ABOUT
    return about.is_file() and about.read_bytes() == files[_ABOUT]


def write(folder: Path, files: Mapping[str, bytes], net: str) -> None:
    """Write what is exported into a folder that is there.

    Args:
        folder: where.
        files: from `export_files`.
        net: the name of the net.

    Raises:
        SweeperError: they cannot be written, or the weights of a frozen body cannot be loaded.
    """
    weights = torch.load(io.BytesIO(files[_WEIGHTS]), weights_only=True)
    content = io.BytesIO()
    torch.save({**weights, "net": portable_state(net, weights["net"])}, content)
    replace_file(folder / _ABOUT, files[_ABOUT])  # first: it tells whose the others are
    for name in files.keys() - {_ABOUT, _WEIGHTS}:
        replace_file(folder / name, files[name])
    replace_file(folder / _WEIGHTS, content.getvalue())
