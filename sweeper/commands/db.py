"""``sweeper db``: database maintenance."""

import argparse

from sweeper.commands.options import add_storage


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "db",
        help="upgrade, check or back up the database",
        description="Database maintenance.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    upgrade = actions.add_parser(
        "upgrade",
        help="migrate the tables to this version of sweeper",
        description="Migrates the tables, sweeper's and Optuna's, to the installed versions.",
    )
    add_storage(upgrade)
    upgrade.set_defaults(execute=execute_upgrade)
    check = actions.add_parser(
        "check",
        help="check the schema, and the integrity of an SQLite file",
        description="Compares the tables with the expected schema, and checks the integrity of an "
        "SQLite file.",
    )
    add_storage(check)
    check.set_defaults(execute=execute_check)
    backup = actions.add_parser(
        "backup",
        help="copy the database to a file, even while it is in use",
        description="Copies the database to a new file, even while workers use it.",
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
        say(f"{database.name}: the schema is at version {version}")


def execute_check(options: argparse.Namespace) -> None:
    """Run ``sweeper db check``."""
    from sweeper.console import say
    from sweeper.errors import SweeperError
    from sweeper.store import open_database
    from sweeper.store.database.maintenance import check

    with open_database(options.storage, any_version=True) as database:
        if faults := check(database):
            raise SweeperError(f"{database.name}: {'; '.join(faults)}")
        say(f"{database.name}: no problems")


def execute_backup(options: argparse.Namespace) -> None:
    """Run ``sweeper db backup``."""
    from pathlib import Path

    from sweeper.console import say
    from sweeper.store import open_database
    from sweeper.store.database.backup import backup

    with open_database(options.storage, any_version=True) as database:
        backup(database, Path(options.file))
        say(f"copied {database.name} to {options.file}")
