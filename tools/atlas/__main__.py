"""Measures, writes and checks the atlas, from the checkout.

    python -m tools.atlas sweep sqlite:///atlas.db    trains what is not trained yet; hours
    python -m tools.atlas write sqlite:///atlas.db    puts it into db/repository
    python -m tools.atlas check                       trains a few cells again and compares

`sweep` goes on where it was stopped, and any number of machines may join its studies.
"""

import argparse
import sys

import torch

from sweeper.console import say
from sweeper.errors import SweeperError
from sweeper.launch.worker_process import quiet_optuna
from sweeper.repository.own_studies import id_of
from sweeper.repository.sources import shipped_folder
from sweeper.training import has_bfloat16
from tools import recommendation
from tools.atlas.check import check
from tools.atlas.sweep import SEEDS_OF_SOFTMAX, plan, sweep
from tools.atlas.tasks import AtlasTask, atlas_tasks
from tools.atlas.write import choose, committed, write


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.atlas",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    sweeping = actions.add_parser("sweep", help="train what is not trained yet")
    sweeping.add_argument("storage", metavar="URL")
    sweeping.add_argument(
        "--only", metavar="TEXT", default="", help="tasks with TEXT in their name"
    )
    sweeping.add_argument(
        "--missing", action="store_true", help="leave out what db/repository has already"
    )
    writing = actions.add_parser("write", help="put what is done into db/repository")
    writing.add_argument("storage", metavar="URL")
    checking = actions.add_parser("check", help="train a few cells again and compare")
    checking.add_argument("--tasks", type=int, default=4, help="how many (default: 4)")
    checking.add_argument("--seed", type=int, default=0, help="of the choice (default: 0)")
    arguments = parser.parse_args()
    quiet_optuna()
    try:
        if arguments.action == "sweep":
            return _sweep(arguments.storage, arguments.only, arguments.missing)
        if arguments.action == "write":
            return _write(arguments.storage)
        return _check(arguments.tasks, arguments.seed)
    except SweeperError as error:
        say(f"error: {error}")
        return 1


def _sweep(url: str, only: str, missing: bool) -> int:
    tasks = [task for task in atlas_tasks() if only in task.name]
    for number, task in enumerate(tasks, 1):
        if not task.is_here():
            say(f"skipped {task.name}: first run python -m tools.atlas.sources {task.made}")
            continue
        if missing and _is_committed(task):
            continue
        say(f"{number} of {len(tasks)}: {task.name}")
        if status := sweep(task, url):
            return status
    return 0


def _is_committed(task: AtlasTask) -> bool:
    table = committed(shipped_folder())
    planned = list(plan(task))
    own = table[(table["task"] == id_of(planned[0].task.record)) & (table["lr"] == task.lr)]
    plain = own[(own["loss"] == "softmax") & (own["term"] == "")]
    terms = own["term"].ne("").any()
    return len(plain) >= SEEDS_OF_SOFTMAX and bool(terms or not task.terms)


def _write(url: str) -> int:
    origin = {
        "measured by": "python -m tools.atlas",
        "design": "tools/atlas/design.py, studies/atlas/tasks.toml",
        "device": _device(),
        "data": "see docs/data.md",
        "license": "MIT",
    }
    folder = shipped_folder()
    say(f"{write(url, folder, origin)} tasks in {folder}; evaluating the recommendations")
    choose(folder)
    recommendation.refresh()
    return 0


def _device() -> str:
    precision = "bfloat16" if has_bfloat16(torch.device("cpu")) else "float32"
    return f"cpu, {torch.backends.cpu.get_cpu_capability()}; trained in {precision}"


def _check(tasks: int, seed: int) -> int:
    differ = 0
    for cell in check(atlas_tasks(), committed(shipped_folder()), tasks, seed):
        differ += not cell.agrees
        say(
            f"{cell.task}; {cell.setting.describe()}; {cell.measure}: {cell.stored:.4f} stored, "
            f"{cell.again:.4f} again{'' if cell.agrees else ': DIFFERS'}"
        )
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
