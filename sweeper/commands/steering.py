"""``sweeper pause``, ``resume``, ``stop``, ``rename``, ``delete``: steering from anywhere."""

import argparse
import shlex

from sweeper.commands.options import add_storage, storage_hint
from sweeper.registry.study_state import ACTIONS

_FINISH = "Its workers finish their epoch, save it and"


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the commands."""
    told = {
        "pause": ("let the workers of a study wait", f"{_FINISH} wait for `sweeper resume`."),
        "resume": (
            "go on with a study that was paused or stopped",
            "Workers that wait go on at once. Those that left do not come back by themselves: "
            "start them again with `sweeper run` or `sweeper worker`.",
        ),
        "stop": (
            "send the workers of a study home",
            f"{_FINISH} leave, wherever they are. Nobody joins it until `sweeper resume`.",
        ),
    }
    for command, (short, long) in told.items():
        parser = commands.add_parser(command, help=short, description=long)
        parser.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
        add_storage(parser)
        parser.set_defaults(execute=execute_state, command=command)
    rename = commands.add_parser(
        "rename",
        help="give a study another name",
        description="Gives a study another name, in optuna-dashboard too. No worker may be on it.",
    )
    rename.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    rename.add_argument("new_name", metavar="NEW_NAME")
    add_storage(rename)
    rename.set_defaults(execute=execute_rename)
    remove = commands.add_parser(
        "delete",
        help="delete a study with all its results",
        description="Deletes a study with its trials, confirmation and exported weights, in "
        "optuna-dashboard too; the repository forgets its results. Only that it read test data "
        "stays known, and is told who confirms on the same data. No worker may be on it.",
    )
    remove.add_argument("study_name", metavar="STUDY_NAME", help="see `sweeper studies`")
    remove.add_argument("--yes", action="store_true", help="delete it, for good")
    add_storage(remove)
    remove.set_defaults(execute=execute_delete)


def execute_state(options: argparse.Namespace) -> None:
    """Run ``sweeper pause``, ``resume`` or ``stop``."""
    from sweeper import store
    from sweeper.console import count, say

    state = ACTIONS[options.command]
    with store.open_database(options.storage) as database:
        summary = store.summarize(database, options.study_name)
        study = summary.study
        if state != "active" and study.state == "active" and summary.is_finished:
            say(f"study {study.name} is finished: there is nothing to {options.command}")
            return
        live = len({lease.worker.name for lease in store.held(database, study.id)})
        store.set_state(database, study.id, state)
    hint, name = storage_hint(options), shlex.quote(study.name)
    if study.state == state:
        say(f"study {study.name} is {state} already")
    elif state == "active":
        say(
            f"study {study.name} goes on, and so do workers that wait; `sweeper run` or "
            f"`sweeper worker {name}{hint}` joins it"
        )
    else:
        then = "wait" if state == "paused" else "leave"
        workers = f"; {count(live, 'worker')} will {then} after the epoch" if live else ""
        say(f"study {study.name} is {state}{workers}; to go on: sweeper resume {name}{hint}")


def execute_rename(options: argparse.Namespace) -> None:
    """Run ``sweeper rename``."""
    from sweeper import store
    from sweeper.console import say
    from sweeper.study.study_file import StudySpec

    with store.open_database(options.storage) as database:
        study = store.find_study(database, options.study_name)
        spec = StudySpec.from_json(study.spec).updated("NEW_NAME", name=options.new_name)
        store.rename_study(database, study, spec.name, spec.to_json())
    name = shlex.quote(spec.name)
    say(f"study {study.name} is now {spec.name}: `sweeper run` finds it by --study-name {name}")


def execute_delete(options: argparse.Namespace) -> None:
    """Run ``sweeper delete``.

    Raises:
        UsageError: without ``--yes``; the message says what would be lost.
    """
    from sweeper import store
    from sweeper.console import count, say
    from sweeper.errors import UsageError

    with store.open_database(options.storage) as database:
        summary = store.summarize(database, options.study_name)
        study, lost = summary.study, store.find_deletion(database, summary)
        if not options.yes:
            live = len({lease.worker.name for lease in store.held(database, study.id)})
            busy = f"; {count(live, 'worker')} on it must be sent home first" if live else ""
            raise UsageError(
                f"this would delete study {study.name!r} for good, with {lost}, also from what "
                f"the repository knows: add --yes if that is meant{busy}"
            )
        store.delete_files(store.delete_study(database, study))
    say(f"study {study.name} is deleted, with {lost}")
