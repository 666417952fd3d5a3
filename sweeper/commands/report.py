"""``sweeper report``: studies as a page with figures and tables."""

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.commands.options import add_allow_net, add_storage, storage_hint
from sweeper.errors import UsageError

if TYPE_CHECKING:
    from sweeper.launch.signals import StopSignals
    from sweeper.report.page.reported import Reported
    from sweeper.report.study_results import ResultRow
    from sweeper.store import Database


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "report",
        help="write studies as a page with figures and tables",
        description="Writes one HTML page that opens without a network: figures, all settings with "
        "their spread over seeds, published figures beside them, comparisons seed by seed with the "
        "difference they could have seen, and how everything was made. Beside it lie each table as "
        "CSV and LaTeX, the data of each figure, and the study files. Several studies stand side "
        "by side. A study may be unfinished. Embeddings are not stored: --features trains one seed "
        "of each loss again to draw them, and says before how long that takes; Ctrl-C stops it, "
        "and nothing is written.",
    )
    parser.add_argument(
        "study_names", metavar="STUDY_NAME", nargs="+", help="see `sweeper studies`"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        required=True,
        help="folder to write to; it is made, files of the same names in it are replaced",
    )
    parser.add_argument(
        "--features",
        action="store_true",
        help="draw the embeddings of each study that has two or three dimensions of them; trains "
        "one seed of each loss again, at the best of its settings",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="where to train for --features: auto, cpu or cuda:0 (default: auto, which uses a GPU "
        "if there is one)",
    )
    add_allow_net(parser)
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the command.

    Raises:
        UsageError: there is no such study, or one is named twice, or no embeddings can be drawn.
        SweeperError: something cannot be written, or trained again.
    """
    from sweeper import store
    from sweeper.console import say
    from sweeper.files import expand
    from sweeper.launch.signals import StopSignals
    from sweeper.report.page.reported import Reported, slugs
    from sweeper.report.page.write import require_folder, write_page
    from sweeper.training import Interrupted

    names: list[str] = options.study_names
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"study {twice!r} is named twice")
    folder: Path = expand(options.output)
    with StopSignals() as signals, store.open_database(options.storage) as database:
        stored = [store.find_study(database, name) for name in names]
        folders = slugs(names)
        studies = [Reported.load(database, study, folders[study.name]) for study in stored]
        if options.features:
            require_folder(folder)
            try:
                studies = _with_features(options, signals, database, studies)
            except Interrupted:
                say("stopped; nothing was written")
                return signals.status
    features = ["--features"] if options.features else []
    features += [word for module in options.allow_net for word in ("--allow-net", module)]
    command = shlex.join(("sweeper", "report", *names, *features, "-o", options.output))
    print(write_page(studies, folder, command + storage_hint(options)))
    return 0


def _with_features(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    studies: "list[Reported]",
) -> "list[Reported]":
    """Return the studies, those whose embeddings can be drawn with them."""
    from sweeper.console import say
    from sweeper.report.page.features import cannot_be_drawn
    from sweeper.report.page.reported import losses_at_their_best

    chosen = {study.name: losses_at_their_best(study)[0] for study in studies}
    obstacles = {}
    for study in studies:
        task, losses = study.outcome.summary.study.task, list(chosen[study.name])
        classes = len(study.spec.loaded.trained(0)) or task.dataset.num_classes
        if why := cannot_be_drawn(study.name, task.embedding, classes, losses):
            obstacles[study.name] = why
    if len(obstacles) == len(studies):
        raise UsageError(f"{'; '.join(obstacles.values())}; leave --features out")
    for why in obstacles.values():
        say(f"{why}: no figure of its embeddings")
    signals.hold()
    return [
        study
        if study.name in obstacles
        else _trained_again(options, signals, database, study, chosen[study.name])
        for study in studies
    ]


def _trained_again(
    options: argparse.Namespace,
    signals: "StopSignals",
    database: "Database",
    study: "Reported",
    chosen: "dict[str, ResultRow]",
) -> "Reported":
    from sweeper.commands.exporting import prepare
    from sweeper.console import count, duration, say
    from sweeper.report.page.retraining import retrained, retraining_seconds
    from sweeper.report.progress import Bar

    opened, device = prepare(options, database, study.outcome.summary.study)
    seconds = retraining_seconds(opened, len(chosen), device)
    say(
        f"{study.name}: training one seed of {count(len(chosen), 'loss')} again for their "
        f"embeddings, {device}, about {duration(seconds)}"
    )
    with Bar(study.name, seconds) as bar:
        features = retrained(
            opened,
            chosen,
            device,
            signals.asked,
            lambda share: bar.show(share, f"{share:.0%} trained"),
        )
    return replace(study, features=features)
