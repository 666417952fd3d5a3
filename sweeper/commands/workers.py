"""``sweeper workers``: shows active workers."""

import argparse

from sweeper.commands.options import add_storage, storage_hint


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "workers",
        help="show active workers",
        description="Shows the active workers of all studies in the database: the trials each one "
        "is training, its device, when it started, its speed in epochs of a trial per second, and "
        "when it was last seen. A training worker updates its entry every minute. A lost worker "
        "stays in the list until another worker takes over its trials.",
    )
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="(default: %(default)s)"
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from sweeper import store
    from sweeper.report.workers import print_workers, print_workers_json
    from sweeper.store.queue.active_workers import active_workers

    with store.open_database(options.storage) as database:
        workers = active_workers(database)
        studies = [each.study for each in store.list_studies(database)]
    if options.format == "json":
        print_workers_json(workers)
    else:
        paused = [study.name for study in studies if study.state == "paused"]
        print_workers(workers, paused, storage_hint(options))
