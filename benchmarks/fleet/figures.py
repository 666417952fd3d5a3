"""The figures: every measured line, and extrapolations for trials that did not sleep."""

import math
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.fleet.lines import CROWDED, ENDLESS, Line
from benchmarks.fleet.processes import Fleet
from benchmarks.fleet.server import Server
from benchmarks.fleet.watch import Watch
from benchmarks.fleet.worker import PARTS, Job
from sweeper import store
from sweeper.bench.machine import describe
from sweeper.launch.worker_process import WorkerConfig
from sweeper.store import open_database

#: Seconds for which trials of zero length are measured, after each worker's first one.
DRIVEN = 5.0
#: The number of repetitions of each of `single_calls`.
CALLED = 500


def all_figures(
    lines: Sequence[Line], server: Server, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Measure every line; return the figures with machine and server."""
    machine = describe() | {"date": time.strftime("%Y-%m-%d")}
    figures: dict[str, Any] = {"machine": machine, "postgresql": server.describe()}
    done: list[dict[str, Any]] = []
    fleet = Fleet(max(line.workers for line in lines))
    try:
        for line in lines:
            load, began = os.getloadavg()[0], time.perf_counter()
            done.append(measure(line, fleet, server) | {"load_before": round(load, 2)})
            lasted = time.perf_counter() - began
            tell(f"{line.kind.name}, {line.workers} workers, {line.seconds:g} s: {lasted:.0f} s")
    finally:
        fleet.close()
    return figures | {"calls": single_calls(server), "lines": done + extrapolated(done)}


def measure(line: Line, fleet: Fleet, server: Server) -> dict[str, Any]:
    """Run a line; return its figures, with times in milliseconds if the name says so."""
    with server.database(line) as url:
        config = WorkerConfig(url, line.kind.spec.name, "cpu", 1)
        watch = Watch(server)
        watch.start()
        job = Job(config, line.seconds, 0.0 if line.seconds else DRIVEN)
        results, failures = fleet.run(job, line.workers, watch.go)
        server_cpu = watch.end()
    told: dict[str, Any] = {
        "study": line.kind.name,
        "workers": line.workers,
        "seconds": line.seconds,
        "slept": True,
        "connections": watch.most,
        "failed": len(failures),
        "failures": dict(Counter(failures).most_common(2)),
    }
    if any(result["storage"] for result in results):
        told |= _of_workers(results, job.driven) | _of_server(results, watch, server_cpu)
    return told


def _of_workers(results: Sequence[dict[str, Any]], driven: float) -> dict[str, Any]:
    storage = sorted(second for result in results for second in result["storage"])
    done = _sum(results, "done")
    rate = _sum(results, "in_time") / driven if driven else done / _lasted(results)
    parts = {
        part: _ms(sum(result["parts"].get(part, 0.0) for result in results) / len(storage))
        for part in PARTS
    }
    return {
        "trials": done,
        "trial_ms": _ms(statistics.median(storage)),
        "trial_p95_ms": _ms(storage[math.ceil(0.95 * len(storage)) - 1]),
        "share": round(sum(storage) / _sum(results, "wall"), 5),
        "joining_ms": _ms(statistics.median(result["joining"] for result in results)),
        "trials_per_second": round(rate, 2),
        "parts_ms": parts,
        "exchanges": round(_sum(results, "exchanges") / len(storage), 1),
        "worker_cpu_ms": _ms(_sum(results, "cpu") / done),
    }


def _of_server(
    results: Sequence[dict[str, Any]], watch: Watch, cpu_seconds: float
) -> dict[str, Any]:
    known = not math.isnan(cpu_seconds)
    waits = watch.waits.most_common(4)
    return {
        "server_cpu_ms": _ms(cpu_seconds / _sum(results, "done")) if known else None,
        "server_cores": round(cpu_seconds / _lasted(results), 2) if known else None,
        "waits": {wait: round(count / max(1, watch.looks), 2) for wait, count in waits},
    }


def _lasted(results: Sequence[dict[str, Any]]) -> float:
    return float(max(r["ended"] for r in results) - min(r["began"] for r in results))


def _sum(results: Sequence[dict[str, Any]], name: str) -> Any:
    return sum(result[name] for result in results)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)


def single_calls(server: Server) -> dict[str, dict[str, float | None]]:
    """Return the time of the calls that a worker makes periodically, with a thousand leases held.

    One process makes them, one after another.
    """
    with server.database(Line(CROWDED, 1)) as url, open_database(url) as database:
        study = store.find_study(database, CROWDED.spec.name)
        here = store.WorkerIdentity.here()
        (lease,) = store.reserve(database, study.id, 1, ENDLESS, here)
        calls: dict[str, Callable[[], object]] = {
            "note_epochs": lambda: store.note_epochs(database, [lease], 1),
            "renew": lambda: store.renew(database, here),
        }
        told: dict[str, dict[str, float | None]] = {}
        for name, call in calls.items():
            call()
            busy, began = server.cpu_seconds(), time.perf_counter()
            for _ in range(CALLED):
                call()
            lasted = time.perf_counter() - began
            cpu = server.cpu_seconds() - busy
            told[name] = {
                "ms": _ms(lasted / CALLED),
                "server_cpu_ms": None if math.isnan(cpu) else _ms(cpu / CALLED),
            }
    return told


def extrapolated(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Extrapolate the lines of 100-s trials that did not sleep from the storage of 10-s trials."""
    slept = {(one["study"], one["workers"]) for one in lines if one["seconds"] == 100}
    extrapolations = []
    for one in lines:
        if one["seconds"] == 10 and (one["study"], one["workers"]) not in slept and "share" in one:
            storage = one["share"] / (1 - one["share"]) * 10
            kept = ("study", "workers", "trial_ms", "trial_p95_ms")
            extrapolations.append(
                {name: one[name] for name in kept}
                | {"seconds": 100.0, "slept": False, "share": round(storage / (storage + 100), 5)}
            )
    return extrapolations
