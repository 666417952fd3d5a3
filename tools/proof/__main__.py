"""Makes the data of the outside proof, asks, trains and reports, from the checkout.

    python -m tools.proof make [NAME ...]    makes data that are missing, from packages
    python -m tools.proof ask [--again]      asks for every task, into studies/proof/answers
    python -m tools.proof run URL            asks where nobody has, then trains what is missing
    python -m tools.proof report URL         fills docs/results/proof.md; what is not in this
                                             database is as it was stored before

`make` needs the dependency group `atlas`, npm and Debian's apt-get. `run` goes on where it was
stopped, and any number of machines may join its studies.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from sweeper.console import say
from sweeper.errors import SweeperError
from sweeper.launch.worker_process import quiet_optuna
from sweeper.registry.setting import Setting
from sweeper.store import Database, open_database
from tools.proof import answers, report, scores
from tools.proof.answers import Answer
from tools.proof.experiments import Measured, drawn, measured, softmaxes, train
from tools.proof.outcome import Outcome
from tools.proof.sources.sets import MAKERS, make
from tools.proof.tasks import ProofTask, folder, proof_tasks


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.proof",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True)
    making = actions.add_parser("make", help="make data that are missing")
    making.add_argument("names", nargs="*", metavar="NAME", choices=[[], *MAKERS])
    asking = actions.add_parser("ask", help="ask for every task")
    asking.add_argument("--again", action="store_true", help="also where an answer is stored")
    for name, does in (("run", "train what is not trained yet"), ("report", "fill the page")):
        action = actions.add_parser(name, help=does)
        action.add_argument("storage", metavar="URL")
        if name == "run":
            action.add_argument(
                "--only", metavar="TEXT", default="", help="tasks with TEXT in their name"
            )
    arguments = parser.parse_args()
    quiet_optuna()
    try:
        if arguments.action == "make":
            return _make(arguments.names)
        if arguments.action == "report":
            return _report(arguments.storage)
        tasks = [task for task in proof_tasks() if task.is_here()]
        for task in proof_tasks():
            if task not in tasks:
                say(f"skipped {task.dataset}: first run python -m tools.proof make {task.dataset}")
        if arguments.action == "ask":
            return _ask(tasks, arguments.again)
        chosen = [task for task in tasks if arguments.only in task.dataset]
        return _ask(tasks, again=False) or _run(chosen, arguments.storage)
    except SweeperError as error:
        say(f"error: {error}")
        return error.status


def _make(names: Sequence[str]) -> int:
    wanted = names or [task.dataset for task in proof_tasks() if not task.is_here()]
    for name in wanted:
        began = time.monotonic()
        path = make(name)
        say(f"{path}: {path.stat().st_size / 2**20:.1f} MB, {time.monotonic() - began:.0f} s")
    return 0


def _ask(tasks: Sequence[ProofTask], again: bool) -> int:
    """Ask for all tasks before any of them is trained."""
    for task in tasks:
        if again or not answers.path_of(task.dataset, folder()).is_file():
            answer = answers.ask(task)
            answers.store(answer, folder())
            said = "known" if answer.content["known"] else "not known"
            say(f"{task.dataset}, {said}: {answer.shortlist[0].describe()}")
    return 0


def _run(tasks: Sequence[ProofTask], url: str) -> int:
    others = [*softmaxes(), *drawn()]
    for number, task in enumerate(tasks, 1):
        say(f"{number} of {len(tasks)}: {task.dataset}, {task.net}")
        answer = answers.read(answers.path_of(task.dataset, folder()))
        if status := train(task, answer, url, others):
            return status
    return 0


def _report(url: str) -> int:
    outcomes, missing = [], []
    others = [*softmaxes(), *drawn()]
    with open_database(url) as database:
        for task in proof_tasks():
            answer = answers.read(answers.path_of(task.dataset, folder()))
            try:
                known = _known(database, task, answer, others)
            except SweeperError as error:
                say(f"left out: {error}")
                missing.append(task.dataset)
            else:
                outcomes.append(Outcome(task, answer, known, drawn()))
    if not outcomes:
        raise SweeperError("no task is trained yet: run python -m tools.proof run")
    report.write(outcomes, folder(), missing=missing)
    return 0


def _known(
    database: Database, task: ProofTask, answer: Answer, others: Sequence[Setting]
) -> Measured:
    """Return what the database has of a task, or else what was stored of it before."""
    try:
        return measured(database, task, answer, others)
    except SweeperError:
        return scores.read(folder(), task, answer, others)


if __name__ == "__main__":
    sys.exit(main())
