"""Fails if a sweep has become slower relative to one trial at a time on this kind of processor.

Runs two small sweeps in turns, one trial at a time from preloaded tensors on all cores and as
studies, and compares the ratios with those committed in ``speed.json``; the machine's own speed
cancels out. A ratio that is more than a quarter lower fails. Run it from the checkout on an idle
machine:

    make guard

The ratio depends on the number of cores and their bfloat16 instructions. If no figures are
committed for such a machine, it says so and compares nothing. ``speed.json`` is a list of outputs
of ``sweeper bench --format json``; add one for your machine.

Likewise an answer of ``sweeper recommend``, whose seconds of work are held against those of
importing PyTorch alone, so that it is the same on any machine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from sweeper.bench.compare import compare
from sweeper.bench.machine import describe
from sweeper.bench.workloads import make_workloads
from sweeper.console import say
from sweeper.launch.worker_process import quiet_optuna
from sweeper.training import has_bfloat16

COMMITTED = Path(__file__).with_name("speed.json")
GUARDED = ("LeNet", "digits")
RUNS, FALL = 3, 0.25

#: How many times the work of importing PyTorch an answer for embeddings took when committed.
ANSWER = 2.1


def committed() -> dict[str, float]:
    """Return the committed speedup of each sweep on this kind of processor."""
    for run in json.loads(COMMITTED.read_text(encoding="utf-8")):
        if all(run["machine"][name] == describe()[name] for name in ("bfloat16", "cores")):
            return {
                workload["name"]: next(
                    variant["ratio"]
                    for variant in workload["variants"]
                    if variant["name"].startswith("one at")
                )
                for workload in run["workloads"]
            }
    return {}


def answer(folder: Path) -> float:
    """Return the work of an answer, the repository read before, over that of importing PyTorch."""
    made = np.random.default_rng(0)
    path = folder / "features.npz"
    np.savez(path, embeddings=made.normal(size=(600, 64)), labels=np.arange(600) % 10)
    asked = ["-m", "sweeper", "recommend", str(path)]
    _work(asked)  # reads the repository for the first time
    return statistics.median(_work(asked) / _work(["-c", "import torch"]) for _ in range(RUNS))


def _work(arguments: list[str]) -> float:
    """Return the seconds of work of a process of Python."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    after = os.times()
    user = after.children_user - before.children_user
    return user + after.children_system - before.children_system


def main() -> int:
    """Return 1 if a ratio has fallen too far."""
    quiet_optuna()
    with tempfile.TemporaryDirectory() as name:
        works = answer(Path(name))
    too_much = works > (1 + FALL) * ANSWER
    say(
        f"recommend: {works:.2f} times the work of importing PyTorch, {ANSWER:.2f} when "
        f"committed{': TOO SLOW' if too_much else ''}"
    )
    return 1 if too_much | sweeps_fell() else 0


def sweeps_fell() -> bool:
    """Return whether a sweep's ratio has fallen too far."""
    before = committed()
    if not before:
        kind = f"{describe()['cores']} cores, bfloat16: {describe()['bfloat16']}"
        say(f"NOT CHECKED: speed.json has no figures for this kind of machine ({kind})")
        return False
    bfloat16, fallen = has_bfloat16(torch.device("cpu")), False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        precision = "bfloat16" if bfloat16 else "float32"
        chosen = [w for part in GUARDED for w in make_workloads(folder, precision, part)]
        for one in compare(chosen, RUNS, bfloat16, folder, baselines=False):
            now, then = one.speedup(one.preloaded), before[one.workload.name]
            too_slow = now < (1 - FALL) * then
            fallen |= too_slow
            say(
                f"{one.workload.name}: {now:.2f} times as fast as one at a time, {then:.2f} when "
                f"committed{': TOO SLOW' if too_slow else ''}"
            )
    return fallen


if __name__ == "__main__":
    sys.exit(main())
