"""How the weights of a confirmation get into the database and into a folder."""

import argparse
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.commands.options import storage_hint
from sweeper.errors import SweeperError

if TYPE_CHECKING:
    import torch

    from sweeper.store import Database, Export, StoredStudy
    from sweeper.study.open_study import OpenStudy

#: What the weights are called.
_CALLED: "dict[Export, str]" = {"confirmed": "weights", "refit": "refit weights"}


def prepare(
    options: argparse.Namespace, database: "Database", study: "StoredStudy"
) -> "tuple[OpenStudy, torch.device]":
    """Return what is needed to train."""
    from sweeper.launch.planning import cores
    from sweeper.launch.worker_process import quiet_optuna
    from sweeper.study.open_study import find
    from sweeper.study.task import pick_device
    from sweeper.training import use_processor

    quiet_optuna()
    device = pick_device(options.device)
    opened = find(database, study.name, options.allow_net)
    use_processor(cores())
    return opened, device


def keep_and_write(
    options: argparse.Namespace,
    opened: "OpenStudy",
    make_files: Callable[[], dict[str, bytes]],
    folder: Path,
    export: "Export" = "confirmed",
    show: Callable[[], None] = lambda: None,
) -> None:
    """Store what a stored confirmation exports, show the result, write it.

    Raises:
        SweeperError: one of them failed, a full disk for example; the result stays.
    """
    from sweeper import store

    study, fault, kept = opened.stored, None, False
    try:
        files = make_files()
        try:
            store.store_export(opened.database, study.id, files, export)
            kept = True
        except SweeperError as error:  # the folder may lie on another disk
            fault = error
        show()
        write_files(folder, study, files, export)
    except SweeperError as error:
        does = f"writes the {_CALLED[export]} again" if kept else "trains the winner again"
        again = command(options, study, new_folder=not kept, export=export)
        raise SweeperError(
            f"{error}; the result is stored, and `{again}` {does} without reading the test split"
        ) from error
    if fault:
        raise SweeperError(
            f"{fault}; the result is stored, and the {_CALLED[export]} are in {folder} alone: "
            "keep it"
        ) from fault


def write_files(
    folder: Path, study: "StoredStudy", files: dict[str, bytes], export: "Export" = "confirmed"
) -> None:
    """Write what is exported into a folder, and say so.

    Raises:
        SweeperError: it cannot be written; the folder is as it was.
    """
    from sweeper.confirm.export import new_folder, write
    from sweeper.console import say
    from sweeper.study.study_file import StudySpec

    with new_folder(folder, files):
        write(folder, files, StudySpec.from_json(study.spec).net)
    say(f"wrote the {_CALLED[export]} to {folder}; load them with {folder / 'load.py'}")


def command(
    options: argparse.Namespace,
    study: "StoredStudy",
    new_folder: bool,
    export: "Export" = "confirmed",
) -> str:
    """Return how to run ``sweeper confirm`` again."""
    refit = " --refit" if export == "refit" else ""
    output = " -o FOLDER" if new_folder else ""
    return f"sweeper confirm {shlex.quote(study.name)}{refit}{output}{storage_hint(options)}"
