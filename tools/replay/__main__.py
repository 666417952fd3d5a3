"""Replays searches on measured tasks and fills the page of it, or measures a pool for that.

    python -m tools.replay fill              fills docs/results/search.md; an hour on one core
    python -m tools.replay fill pools        fills what it says of the measured pools alone
    python -m tools.replay pool TASK URL     measures 400 settings of a task of the atlas

Each task is searched with its source left out of what is known. Nothing is trained but by `pool`,
which goes on where it was stopped; URL is of the database of its study. `fill` needs
``pip install --group benchmarks``.
"""

import argparse
import sys
from collections.abc import Sequence

from sweeper.console import say
from sweeper.errors import SweeperError, UsageError, unknown
from sweeper.launch.worker_process import quiet_optuna
from tools.atlas.tasks import atlas_tasks
from tools.pages import fill
from tools.replay import compared, figure, pools, tables
from tools.replay.page import PAGE

#: What is searched, by name; each has a section for each objective.
PARTS = {"laws": compared.on_laws, "stored": compared.on_stored, "pools": compared.on_pools}

OBJECTIVES = {"accuracy": "accuracy", "retrieval": "MAP@R"}


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.replay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    filling = actions.add_parser("fill", help="replay the searches and fill the page")
    filling.add_argument("parts", metavar="PART", nargs="*", help=f"{', '.join(PARTS)} (all)")
    measuring = actions.add_parser("pool", help="measure a pool of settings")
    measuring.add_argument("task", metavar="TASK", help="its name in the atlas")
    measuring.add_argument("storage", metavar="URL")
    arguments = parser.parse_args()
    quiet_optuna()
    try:
        if arguments.action == "pool":
            return _measure(arguments.task, arguments.storage)
        _fill(arguments.parts or list(PARTS))
    except SweeperError as error:
        say(f"error: {error}")
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _measure(name: str, url: str) -> int:
    tasks = {task.name: task for task in atlas_tasks()}
    if name not in tasks:
        raise unknown("task", name, tasks)
    return pools.measure(tasks[name], url)


def _fill(parts: Sequence[str]) -> None:
    for part in parts:
        if part not in PARTS:
            raise unknown("part", part, PARTS)
    for part in parts:
        contents: dict[str, str] = {}
        panels: dict[str, Sequence[compared.Search]] = {}
        for objective, title in OBJECTIVES.items():
            searches = list(PARTS[part](objective))
            contents[f"{part} {objective}"] = f"{_sources(searches)}:\n\n{_section(searches)}"
            groups = _by_task(searches) if part == "pools" else {_sources(searches): searches}
            panels |= {f"{title}, {what}": own for what, own in groups.items()}
        fill(PAGE, contents)
        figure.draw(panels, figure.FOLDER / f"{part}.png")
        say(f"filled {part}")


def _by_task(searches: Sequence[compared.Search]) -> dict[str, list[compared.Search]]:
    tasks = dict.fromkeys(each.task for each in searches)
    return {
        task.partition(",")[0]: [each for each in searches if each.task == task] for task in tasks
    }


def _sources(searches: Sequence[compared.Search]) -> str:
    return f"{len({each.source for each in searches})} sources"


def _section(searches: Sequence[compared.Search]) -> str:
    content = [tables.by_trials(searches), tables.goals(searches)]
    if searches[0].seconds > 0:
        content += [tables.by_seconds(searches), tables.by_task(searches)]
    if any(each.settled is not None for each in searches):
        content.append(tables.settled(searches))
    return "\n\n".join(content)


if __name__ == "__main__":
    sys.exit(main())
