"""``sweeper bench --to-answer``: all runs on all tasks, and the trainings of ResNet-18."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from sweeper.bench.answer.clock import METHODS, PROCESSES, USUAL, run_once
from sweeper.bench.answer.outcome import HEADER, Outcome, replayed
from sweeper.bench.answer.tasks import RESNET, AnswerTask
from sweeper.bench.variants import BASELINES, STUDY, Variant, ladder, pool
from sweeper.report.tables import print_line, print_table
from sweeper.training import has_bfloat16

#: How many times as fast as (a) ours is to be with ResNet-18.
RESNET_GOAL = 5.0


def measure(
    tasks: Sequence[AnswerTask], runs: int, folder: Path, tell: Callable[[str], None]
) -> list[Outcome]:
    """Return what came out on each task, and of the first one's searches with ResNet-18.

    Args:
        tasks: what is searched.
        runs: how many, of all tasks in turn.
        folder: for databases.
        tell: called with one line per step.
    """
    answers = [
        [run_once(task, run, folder / f"{run}-{place}", tell) for place, task in enumerate(tasks)]
        for run in range(runs)
    ]
    found = [
        Outcome(task.name, task.goal, [run[place] for run in answers])
        for place, task in enumerate(tasks)
    ]
    if tasks[0].objective == "accuracy":
        seconds = _seconds_per_training(runs, folder / "resnet", tell)
        found.append(replayed(found[0], f"{RESNET.name}, replayed", RESNET_GOAL, seconds))
    return found


def _seconds_per_training(
    runs: int, folder: Path, tell: Callable[[str], None]
) -> list[dict[str, float]]:
    """Return the seconds of one training of ResNet-18 by each method, in each run."""
    bfloat16 = has_bfloat16(torch.device("cpu"))
    workload = replace(RESNET, precision="bfloat16" if bfloat16 else "float32")
    ways: dict[str, Variant] = dict.fromkeys(METHODS, STUDY)
    ways |= {USUAL: BASELINES[0], PROCESSES: ladder(bfloat16)[0]}
    trainings = workload.trials * workload.seeds
    folder.mkdir()
    found = []
    with pool(folder) as running:
        for run in range(runs):
            seconds = {
                variant: running.run(variant, workload).seconds / trainings
                for variant in dict.fromkeys(ways.values())
            }
            found.append({method: seconds[variant] for method, variant in ways.items()})
            shown = ", ".join(f"{name[:3]} {each:.1f} s" for name, each in found[-1].items())
            tell(f"{workload.name}, run {run}, one training: {shown}")
    return found


def print_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Print a table of each task."""
    for found in outcomes:
        print_line()
        print_line(f"{found.task}: to a setting within a point of the best known, confirmed")
        print_table(HEADER, found.rows(), HEADER[1:])
        print_line(found.said())
    if outcomes[-1].task.endswith("replayed"):
        print_line(
            f"{RESNET.name} was not searched: the time of a training (5,000 samples, one seed) was "
            f"measured, and the trials are those of {outcomes[0].task}"
        )


def to_json(machine: dict[str, Any], outcomes: Sequence[Outcome]) -> str:
    """Return all results as JSON text."""
    content = {"machine": machine, "tasks": [found.to_dict() for found in outcomes]}
    return json.dumps(content, indent=1)
