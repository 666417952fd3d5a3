"""``sweeper confirm``: retrains the best of a search with new seeds, reads the test split once."""

import argparse
import logging
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.commands.exporting import command, keep_and_write, prepare, write_files
from sweeper.commands.options import add_allow_net, add_storage, positive, storage_hint
from sweeper.commands.refit import refit_winner
from sweeper.errors import SweeperError, UsageError

if TYPE_CHECKING:
    import torch

    from sweeper.confirm.confirmation import Contenders, Winner
    from sweeper.launch.signals import StopSignals
    from sweeper.store import (
        Confirmation,
        ConfirmationClaim,
        Database,
        EarlierRead,
        StoredStudy,
        WorkerIdentity,
    )
    from sweeper.study.open_study import OpenStudy


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "confirm",
        help="retrain the best trials, read the test split once, export the winner",
        description="Trains the best three trials of a search and its controls again with new "
        "seeds, chooses the winner on validation data, evaluates the winner and the controls on "
        "the test split, and writes the winner's weights. A study can be confirmed only once; "
        "after that the command shows the stored result, and writes the weights again where they "
        "are missing or another folder is given. Weights that the database could not keep are "
        "trained again only for a folder given with -o. It tells which studies have read these "
        "test data before. Ctrl-C stops it without reading the test split. With --refit the winner "
        "is then trained on all samples as well.",
    )
    parser.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    parser.add_argument(
        "--seeds", type=positive, metavar="N", help="new seeds for each (default: 12)"
    )
    parser.add_argument(
        "--refit",
        action="store_true",
        help="afterwards train the winner on all samples, the test samples included; writes these "
        "weights to the folder `refit` beside the confirmed ones",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="folder to create for the winner's weights (default: STUDY_NAME-winner)",
    )
    parser.add_argument(
        "--yes",
        action="store_true",
        help="confirm a search that has trials left and has not settled",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu or cuda:0 (default: auto, which uses a GPU if there is one)",
    )
    add_allow_net(parser)
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the command."""
    from sweeper import store
    from sweeper.launch.signals import StopSignals

    logging.basicConfig(format="sweeper: %(message)s", level=logging.WARNING)
    with StopSignals() as signals, store.open_database(options.storage) as database:
        study = store.find_study(database, options.study_name)
        earlier = store.find_confirmation(database, study.id)
        if earlier is None:
            status = _confirm(options, signals, database, study)
        else:
            _show(database, study, earlier)
            status = _write_again(options, signals, database, study, earlier)
        if status == 0 and options.refit:
            return refit_winner(options, signals, database, study)
        return status


def _confirm(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    study: "StoredStudy",
) -> int:
    from sweeper import store
    from sweeper.confirm.confirmation import find_contenders
    from sweeper.confirm.export import default_folder, export_files, require_folder
    from sweeper.console import say
    from sweeper.study.ranking import CONFIRMATION_SEEDS
    from sweeper.training import Interrupted
    from sweeper.worker.heartbeat import Heartbeat

    contenders = find_contenders(database, study)
    _require_whole(options, database, study)
    opened, device = prepare(options, database, study)
    seeds = options.seeds or CONFIRMATION_SEEDS
    folder = options.output or default_folder(study.name)
    require_folder(folder)
    worker = store.WorkerIdentity.here(str(device))
    claim = store.claim_confirmation(database, study.id, seeds, worker)
    try:
        with Heartbeat(database, worker):
            confirmation, winner = _train(opened, contenders, device, signals, worker, claim)
        if not store.record_confirmation(database, study.id, confirmation, worker):
            raise SweeperError(
                f"the confirmation of study {study.name!r} was taken over by somebody else while "
                "this process was out of reach, so its result was discarded; run the command again"
            )
    except Interrupted:
        say("stopped; nothing was stored and the test split was not read")
        return signals.status
    finally:
        store.release_confirmation(database, study.id, worker)
    stored = store.find_confirmation(database, study.id)
    assert stored is not None
    keep_and_write(
        options,
        opened,
        lambda: export_files(opened, stored, winner),
        folder,
        show=lambda: _show(database, study, stored),
    )
    return 0


def _require_whole(options: argparse.Namespace, database: "Database", study: "StoredStudy") -> None:
    """See to it that nobody confirms a search half-way without meaning to: it is done once.

    Raises:
        UsageError: trials are left, and neither has the search settled nor was ``--yes`` given.
    """
    from sweeper import store
    from sweeper.console import count, say
    from sweeper.launch.planning import trials_left
    from sweeper.study.open_study import KnownStudy

    left = trials_left(KnownStudy(database, study))
    outlook = store.find_outlook(database, study)
    if not left:
        return
    are = f"{left} of {count(study.n_trials, 'trial')} are not trained"
    if outlook is not None and outlook.settled:
        say(f"{are}: the search settled without them")
    elif options.yes:
        say(f"{are} and can no longer take part after this")
    else:
        name = shlex.quote(study.name)
        raise UsageError(
            f"{are} yet, and a second confirmation, with them, would read the test data again: go "
            f"on first (`sweeper worker {name}{storage_hint(options)}`), or add --yes to confirm "
            "without them"
        )


def _train(
    opened: "OpenStudy",
    contenders: "Contenders",
    device: "torch.device",
    signals: "StopSignals",
    worker: "WorkerIdentity",
    claim: "ConfirmationClaim",
) -> "tuple[Confirmation, Winner]":
    """Train, choose, read the test split; return the result and what is exported of it."""
    from sweeper.confirm.confirmation import confirm, estimate
    from sweeper.confirm.earlier_reads import earlier_reads
    from sweeper.console import count, duration, say
    from sweeper.report.earlier_reads import told
    from sweeper.report.progress import Bar

    study, seeds = opened.stored, claim.seeds
    others = earlier_reads(opened)
    for line in told((*claim.interrupted, *others)):
        say(line)
    seconds = estimate(opened, contenders, seeds, device)
    trials, controls = len(contenders.trials), len(contenders.controls)
    say(
        f"confirming {study.name}: {count(trials, 'trial')} and {count(controls, 'control')} × "
        f"{count(seeds, 'new seed')} on {device}, about {duration(seconds)}"
    )
    signals.hold()
    with Bar(study.name) as bar:
        confirmation, winner = confirm(
            opened,
            contenders,
            seeds,
            device,
            signals.asked,
            lambda share: bar.show(share, f"{share:.0%} trained"),
            lambda: _note_test_read(opened, worker, others),
        )
    return replace(confirmation, earlier=(*claim.interrupted, *others)), winner


def _note_test_read(
    opened: "OpenStudy", worker: "WorkerIdentity", others: "tuple[EarlierRead, ...]"
) -> None:
    """Store that the test split is about to be read, and which samples these are."""
    from sweeper import store
    from sweeper.study.open_study import record_tested

    record_tested(opened)
    store.note_test_read(opened.database, opened.stored.id, worker, others)


def _write_again(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    study: "StoredStudy",
    earlier: "Confirmation",
) -> int:
    """Write what a finished confirmation exports, unless it lies there already."""
    from sweeper import store
    from sweeper.confirm.export import default_folder, is_written
    from sweeper.console import count, say

    assert earlier.finished is not None
    files = store.load_export(database, study.id)
    folder = options.output or default_folder(study.name)
    # Training takes long, so that it is asked for: most want but to see the result.
    again = not files and options.output is not None and not folder.exists()
    trained = "the winner is trained now, and " if again else "nothing was trained now, and "
    if options.refit and not again:
        trained = ""  # the refit may follow
    say(
        f"this study was confirmed on {earlier.finished:%Y-%m-%d}, with "
        f"{count(earlier.seeds, 'seed')}: {trained}the test split was not read"
    )
    other = options.seeds not in (None, earlier.seeds)
    if other:
        say(f"to confirm with {count(options.seeds, 'seed')}, create a new study")
    if again:
        return _train_again(options, signals, database, study, earlier, folder)
    if not files:
        say(
            f"the database has not kept its weights, {_whereabouts(folder)}; "
            f"`{command(options, study, new_folder=True)}`, with a new folder, trains the winner "
            "again"
        )
    elif is_written(folder, files):
        say(f"its weights are in {folder}; load them with {folder / 'load.py'}")
    elif options.output is not None or not other:  # else nobody asked for files
        write_files(folder, study, files)
    return 0


def _whereabouts(folder: Path) -> str:
    return f"{folder} may have them" if folder.exists() else f"and there is no {folder} here"


def _train_again(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    study: "StoredStudy",
    earlier: "Confirmation",
    folder: Path,
) -> int:
    """Train the winner of a finished confirmation again: the database has not kept its weights."""
    from sweeper.confirm.confirmation import departures, train_winner
    from sweeper.confirm.export import export_files, require_folder
    from sweeper.console import say
    from sweeper.report.progress import Bar
    from sweeper.training import Interrupted

    require_folder(folder)
    opened, device = prepare(options, database, study)
    say("the database has not kept its weights: the winner is trained again, with its best seed")
    signals.hold()
    try:
        with Bar(study.name) as bar:
            winner = train_winner(
                opened,
                earlier,
                device,
                signals.asked,
                lambda share: bar.show(share, f"{share:.0%} trained"),
            )
    except Interrupted:
        say("stopped; the result is stored")
        return signals.status
    for name, (stored, new) in departures(earlier, winner).items():
        say(
            f"trained again, it has {name} {new:.5f} on validation data, and {stored:.5f} is "
            "stored: the figures shown are of other weights than these"
        )
    keep_and_write(options, opened, lambda: export_files(opened, earlier, winner), folder)
    return 0


def _show(database: "Database", study: "StoredStudy", confirmation: "Confirmation") -> None:
    from sweeper import store
    from sweeper.report.confirmation import print_confirmation
    from sweeper.study.study_file import StudySpec

    settings = {
        trial.control or int(trial.number or 0): trial.setting
        for trial in store.load_trials(database, study.id)
    }
    print_confirmation(confirmation, StudySpec.from_json(study.spec).objectives, settings)
