"""``sweeper confirm --refit``: the confirmed winner trained on all samples, beside its weights."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.commands.exporting import keep_and_write, prepare, write_files

if TYPE_CHECKING:
    from sweeper.launch.signals import StopSignals
    from sweeper.store import Confirmation, Database, StoredStudy


def refit_winner(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    study: "StoredStudy",
) -> int:
    """Write the refit weights of a confirmed study, trained now unless the database has them."""
    from sweeper import store
    from sweeper.confirm.export import REFIT, default_folder, is_written, require_folder
    from sweeper.console import say

    folder: Path = (options.output or default_folder(study.name)) / REFIT
    files = store.load_export(database, study.id, "refit")
    if not files:
        confirmation = store.find_confirmation(database, study.id)
        assert confirmation is not None
        require_folder(folder)
        return _train(options, signals, database, study, confirmation, folder)
    if is_written(folder, files):
        say(f"its refit weights are in {folder}; load them with {folder / 'load.py'}")
    else:
        write_files(folder, study, files, "refit")
    say(json.loads(files["setting.json"])["refit"]["notes"][0])
    return 0


def _train(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    study: "StoredStudy",
    confirmation: "Confirmation",
    folder: Path,
) -> int:
    from sweeper.confirm.confirmation import chosen
    from sweeper.confirm.export import refit_files
    from sweeper.confirm.refit import budget, refit, refit_seconds
    from sweeper.console import count, duration, say
    from sweeper.report.progress import Bar
    from sweeper.training import Interrupted

    opened, device = prepare(options, database, study)
    trial, seed = chosen(opened, confirmation)
    seconds = refit_seconds(opened, device)
    say(
        f"refitting {study.name}: trial {trial.number} with seed {seed} on all "
        f"{count(len(opened.task.dataset), 'sample')}, {device}, about {duration(seconds)}"
    )
    say(budget(opened))
    signals.hold()
    try:
        with Bar(study.name) as bar:
            refitted = refit(
                opened,
                confirmation,
                device,
                signals.asked,
                lambda share: bar.show(share, f"{share:.0%} trained"),
            )
    except Interrupted:
        say("stopped; there are no refit weights, and the confirmation is stored")
        return signals.status
    keep_and_write(
        options, opened, lambda: refit_files(opened, confirmation, refitted), folder, "refit"
    )
    say(refitted.caution)
    return 0
