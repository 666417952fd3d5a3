"""Fills the tables of docs/results/speed.md from what `sweeper bench --format json` wrote.

    sweeper bench --format json > bench.json
    python benchmarks/speed_tables.py bench.json

The figures also become those of this kind of machine in ``speed.json``, which `make guard` compares
with.
"""

import json
import math
import statistics
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "results" / "speed.md"
COMMITTED = Path(__file__).with_name("speed.json")
SEEDS = 4

#: MFLOP a sample, forward and backward, and what was wanted over the peer and over one at a time.
WANTED: dict[str, tuple[float, int, int | None]] = {
    "compact on Fashion-MNIST": (25.04, 5, 4),
    "LeNet on Fashion-MNIST": (2.29, 10, 5),
    "ResNet-18 on Fashion-MNIST": (201.9, 2, None),
    "compact on digits": (2.09, 20, 8),
    "head on embeddings": (0.235, 20, None),
}

HEAD = "| way | seconds (from – to) | samples/s | the study is so many times as fast | accuracy |"
GOALS = "| sweep | over the peer | wanted | over one at a time | wanted | GFLOP/s |"


def main() -> None:
    """Fill the page, and commit the figures."""
    figures = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    for workload in figures["workloads"]:
        text = between(text, workload["name"], table(workload))
    PAGE.write_text(between(text, "goals", goals(figures["workloads"])), encoding="utf-8")
    known = json.loads(COMMITTED.read_text(encoding="utf-8"))
    kind = ("processor", "cores", "bfloat16")
    others = [one for one in known if any(one["machine"][k] != figures["machine"][k] for k in kind)]
    COMMITTED.write_text(json.dumps([*others, figures], indent=1) + "\n", encoding="utf-8")


def between(text: str, name: str, content: str) -> str:
    """Return a page with what stands between two markers replaced."""
    begin, end = f"<!-- speed: {name} -->", f"<!-- end of speed: {name} -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n\n{content}\n\n{end}{rest.split(end)[1]}"


def table(workload: dict[str, Any]) -> str:
    """Return the ways of one workload, and how its accuracies agree."""
    ways = workload["ways"]
    lines = [HEAD, "| --- " * 5 + "|", *(row(way, workload["samples"]) for way in ways[:-1])]
    lines.append(row(ways[-1], workload["samples"], last=True))
    (ours, noise), (theirs, other) = ways[-1]["accuracy"], ways[0]["accuracy"]
    error = 100 * math.hypot(noise, other) / math.sqrt(SEEDS)
    agreement = f"The study's accuracy less the peer's: {100 * (ours - theirs):+.1f} ± {error:.1f}"
    return "\n".join([*lines, "", f"{agreement} points."])


def row(way: dict[str, Any], samples: int, last: bool = False) -> str:
    """Return one way."""
    seconds, ratios = way["seconds"], way["ratios"]
    median = statistics.median(seconds)
    faster = "" if last else f"{way['ratio']:.1f} ({min(ratios):.1f} – {max(ratios):.1f})"
    accuracy = "{:.1f} ± {:.1f} %".format(*(100 * number for number in way["accuracy"]))
    took = f"{median:.1f} ({min(seconds):.1f} – {max(seconds):.1f})"
    return f"| {way['name']} | {took} | {samples / median:,.0f} | {faster} | {accuracy} |"


def goals(workloads: list[dict[str, Any]]) -> str:
    """Return what was reached beside what was wanted."""
    lines = [GOALS, "| --- " * 6 + "|"]
    for workload in workloads:
        mflop, over_peer, over_ready = WANTED[workload["name"]]
        peer, ready, study = (workload["ways"][place] for place in (0, 1, -1))
        rate = workload["samples"] / statistics.median(study["seconds"]) * mflop / 1000
        cells = (f"{peer['ratio']:.1f}", over_peer, f"{ready['ratio']:.1f}", over_ready or "–")
        lines.append(f"| {workload['name']} | {' | '.join(map(str, cells))} | {rate:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
