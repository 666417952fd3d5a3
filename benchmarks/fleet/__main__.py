"""Measures the storage cost of many workers on one study in one PostgreSQL.

The workers are real processes, forked from a warm one as `sweeper run` forks them, and run the
package's own loop: recover, claim, report at rungs, prune, record epochs, store curves, class
measures and confusion matrices of four seeds, renew leases. Only the training is replaced, by a
sleep. All time that is not sleep counts as storage, including a trial's own bookkeeping in Python.

Workers and server share this machine, so many workers on few cores wait for the processor rather
than for storage; the CPU time of both is therefore reported per trial. Run it from the checkout on
an idle machine (eight minutes):

    python -m benchmarks.fleet                        # starts a PostgreSQL of its own, from pip
    python -m benchmarks.fleet --storage postgresql://USER@HOST/DATABASE
    python -m benchmarks.fleet --format json > fleet.json
    python -m benchmarks.fleet --fill fleet.json      # fills the tables of docs/scale.md

The user of the server given by --storage must be allowed to create databases.
"""

import argparse
import contextlib
import json
import sys
from pathlib import Path

from benchmarks.fleet.figures import all_figures
from benchmarks.fleet.lines import plan
from benchmarks.fleet.server import Server
from benchmarks.fleet.show import PAGE, fill, show
from sweeper.console import say
from sweeper.launch.worker_process import quiet_optuna
from tests.support.postgres import PostgresServer


def main() -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--storage", metavar="URL", help="a PostgreSQL (default: start one)")
    parser.add_argument(
        "--only",
        metavar="TEXT",
        default="",
        help="only lines that start with TEXT, such as 'tpe 16 10'",
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--fill", type=Path, metavar="FILE", help="only fill docs/scale.md")
    options = parser.parse_args()
    if options.fill:
        figures = json.loads(options.fill.read_text(encoding="utf-8"))
        PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
        return 0
    lines = [line for line in plan() if f"{line.name} ".startswith(options.only)]
    if not lines:
        parser.error(f"no line begins with {options.only!r}")
    quiet_optuna()
    with contextlib.ExitStack() as stack:
        url, pid = options.storage, None
        if url is None:
            own = stack.enter_context(PostgresServer(fsync=True))
            url, pid = own.url, own.pid
        server = stack.enter_context(Server(url, pid))
        figures = all_figures(lines, server, say)
    if options.format == "json":
        print(json.dumps(figures, indent=1))
    else:
        show(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
