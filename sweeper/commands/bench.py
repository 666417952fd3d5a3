"""``sweeper bench``: compares the speed of a sweep with the usual variants to run one."""

import argparse
import sys
from typing import Any

from sweeper.commands.options import positive


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "bench",
        help="compare the speed of a sweep with the usual ways to run one",
        description="Runs the same small sweeps the usual way (Optuna, a DataLoader, one trial at "
        "a time), one trial at a time from tensors in memory, and with sweeper, adding one "
        "optimization at a time. The variants take turns, so the machine should be otherwise idle. "
        "The whole benchmark takes about half an hour on two cores.",
        epilog="Example: sweeper bench --only digits --runs 1",
    )
    parser.add_argument(
        "--to-answer",
        action="store_true",
        help="time whole searches instead: until a setting within a point of the best known is "
        "chosen and confirmed, on data that the repository does not know; twenty minutes",
    )
    parser.add_argument(
        "--only", default="", metavar="NAME", help="run only the sweeps with NAME in their name"
    )
    parser.add_argument(
        "--runs",
        type=positive,
        default=3,
        metavar="N",
        help="measured runs of each variant (default: 3)",
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    import tempfile
    from pathlib import Path

    import torch

    from sweeper.bench.baseline import require_baseline
    from sweeper.bench.compare import compare
    from sweeper.bench.machine import describe
    from sweeper.bench.tables import print_comparison, to_json
    from sweeper.bench.workloads import make_workloads
    from sweeper.errors import UsageError
    from sweeper.launch.worker_process import quiet_optuna
    from sweeper.training import has_bfloat16

    require_baseline()
    quiet_optuna()
    machine = describe()
    if options.to_answer:
        _to_answer(options, machine)
        return
    bfloat16 = has_bfloat16(torch.device("cpu"))
    precision = "bfloat16" if bfloat16 else "float32"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workloads = make_workloads(folder, precision, options.only)
        if not workloads:
            names = ", ".join(workload.name for workload in make_workloads(folder, precision))
            raise UsageError(f"--only {options.only!r}: not part of any sweep's name; use {names}")
        done = []
        if options.format == "table":
            print(", ".join(f"{name} {value}" for name, value in machine.items()))
        for comparison in compare(workloads, options.runs, bfloat16, folder, tell=_tell):
            done.append(comparison)
            if options.format == "table":
                print_comparison(comparison)
    if options.format == "json":
        print(to_json(machine, done))


def _to_answer(options: argparse.Namespace, machine: dict[str, Any]) -> None:
    """Time whole searches."""
    import tempfile
    from pathlib import Path

    from sweeper.bench.answer.measured import measure, print_outcomes, to_json
    from sweeper.bench.answer.tasks import make_tasks
    from sweeper.errors import UsageError

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tasks = make_tasks(folder, options.only)
        if not tasks:
            names = ", ".join(task.name for task in make_tasks(folder))
            raise UsageError(f"--only {options.only!r}: not part of any task's name; use {names}")
        outcomes = measure(tasks, options.runs, folder, _tell)
    if options.format == "json":
        print(to_json(machine, outcomes))
        return
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print_outcomes(outcomes)


def _tell(line: str) -> None:
    """Report progress on standard error, apart from the results."""
    print(line, file=sys.stderr, flush=True)
