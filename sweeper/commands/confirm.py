"""``sweeper confirm``: retrains the best of a search with new seeds, reads the test split once."""

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.commands.options import add_storage, positive
from sweeper.errors import SweeperError

if TYPE_CHECKING:
    from sweeper.launch.signals import StopSignals
    from sweeper.store import Confirmation, Database, StoredStudy


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "confirm",
        help="retrain the best trials, read the test split once, export the winner",
        description="Trains the best three trials of a search and its controls again with new "
        "seeds, chooses the winner on validation data, evaluates the winner and the controls on "
        "the test split, and writes the winner's weights. A study can be confirmed only once; "
        "after that the command shows the stored result. Ctrl-C stops it without reading the test "
        "split.",
    )
    parser.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    parser.add_argument(
        "--seeds", type=positive, metavar="N", help="new seeds for each (default: 12)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="folder to create for the winner's weights (default: STUDY_NAME-winner)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu or cuda:0 (default: auto, which uses a GPU if there is one)",
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the command."""
    from sweeper import store
    from sweeper.console import count, say
    from sweeper.launch.signals import StopSignals

    logging.basicConfig(format="sweeper: %(message)s", level=logging.WARNING)
    with StopSignals() as signals, store.open_database(options.storage) as database:
        study = store.find_study(database, options.study_name)
        earlier = store.find_confirmation(database, study.id)
        if earlier is None:
            return _confirm(options, signals, database, study)
        _show(database, study, earlier)
        say(
            f"this study was already confirmed, with {count(earlier.seeds, 'seed')}: nothing was "
            "trained now, and the weights, which were written then, cannot be written again"
        )
        if options.seeds not in (None, earlier.seeds):
            say(f"to confirm with {count(options.seeds, 'seed')}, create a new study")
        return 0


def _confirm(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    study: "StoredStudy",
) -> int:

    from sweeper import store
    from sweeper.confirm.confirmation import SEEDS, confirm, estimate, find_contenders
    from sweeper.confirm.export import default_folder, export, new_folder
    from sweeper.console import count, duration, say
    from sweeper.launch.planning import cores, trials_left
    from sweeper.launch.worker_process import quiet_optuna
    from sweeper.report.progress import Bar
    from sweeper.study.open_study import find
    from sweeper.study.task import pick_device
    from sweeper.training import Interrupted, use_processor

    quiet_optuna()
    contenders = find_contenders(database, study)
    device, seeds = pick_device(options.device), options.seeds or SEEDS
    opened = find(database, study.name)
    folder = options.output or default_folder(study.name)
    use_processor(cores())
    try:
        with new_folder(folder):
            seconds = estimate(opened, contenders, seeds, device)
            trials, controls = len(contenders.trials), len(contenders.controls)
            say(
                f"confirming {study.name}: {count(trials, 'trial')} and "
                f"{count(controls, 'control')} × {count(seeds, 'new seed')} on {device}, about "
                f"{duration(seconds)}"
            )
            if left := trials_left(opened):
                say(
                    f"{left} of {study.n_trials} trials are not trained yet and can no longer take "
                    "part after this: press Ctrl-C to train them first"
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
                )
            # The weights first: once the values are stored, nothing is trained again.
            export(folder, opened, confirmation, winner)
            if not store.record_confirmation(database, study.id, confirmation):
                raise SweeperError(
                    f"study {study.name!r} was confirmed by somebody else in the meantime, so this "
                    "result was discarded; run the command again to see theirs"
                )
    except Interrupted:
        say("stopped; nothing was stored and the test split was not read")
        return signals.status
    _show(database, study, confirmation)
    say(
        f"wrote the weights of trial {winner.trial.number}, seed {winner.seed} (its best on "
        f"validation data) to {folder}; load them with {folder / 'load.py'}"
    )
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
