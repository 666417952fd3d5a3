"""``sweeper db``: the tables of the database."""

import argparse

from sweeper.commands.options import add_storage


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "db",
        help="upgrade, check or back up the database",
        description="Looks after the database of studies and results.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    upgrade = actions.add_parser(
        "upgrade",
        help="bring the tables to this version of the program",
        description="Brings the tables, ours and Optuna's, to this version of the program.",
    )
    add_storage(upgrade)
    upgrade.set_defaults(execute=execute_upgrade)
    check = actions.add_parser(
        "check",
        help="compare the tables with what the program expects",
        description="Compares the tables with what the program expects, and checks an SQLite file.",
    )
    add_storage(check)
    check.set_defaults(execute=execute_check)
    backup = actions.add_parser(
        "backup",
        help="copy the database into a file, while others use it",
        description="Copies the database into a new file, also while workers use it.",
    )
    backup.add_argument("file", metavar="FILE", help="a file that does not exist yet")
    add_storage(backup)
    backup.set_defaults(execute=execute_backup)


def execute_upgrade(options: argparse.Namespace) -> None:
    """Run ``sweeper db upgrade``."""
    from sweeper.console import say
    from sweeper.store import open_database
    from sweeper.store.database.maintenance import upgrade

    with open_database(options.storage, any_version=True) as database:
        version = upgrade(database)
        say(f"{database.name}: the tables have version {version}")


def execute_check(options: argparse.Namespace) -> None:
    """Run ``sweeper db check``."""
    from sweeper.console import say
    from sweeper.errors import SweeperError
    from sweeper.store import open_database
    from sweeper.store.database.maintenance import check

    with open_database(options.storage, any_version=True) as database:
        if faults := check(database):
            raise SweeperError(f"{database.name}: {'; '.join(faults)}")
        say(f"{database.name}: all is well")


def execute_backup(options: argparse.Namespace) -> None:
    """Run ``sweeper db backup``."""
    from pathlib import Path

    from sweeper.console import say
    from sweeper.store import open_database
    from sweeper.store.database.backup import backup

    with open_database(options.storage, any_version=True) as database:
        backup(database, Path(options.file))
        say(f"{options.file}: a copy of {database.name}")
