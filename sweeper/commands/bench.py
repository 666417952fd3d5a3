"""``sweeper bench``: compares the speed of a sweep with the usual variants to run one."""

import argparse
import sys

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


def _tell(line: str) -> None:
    """Report progress on standard error, apart from the results."""
    print(line, file=sys.stderr, flush=True)
