"""Fills the tables of docs/results/speed.md from the output of `sweeper bench --format json`.

    sweeper bench --format json > bench.json
    python benchmarks/speed_tables.py bench.json

The figures also replace those for this kind of machine in ``speed.json``, the reference for
`make guard`.
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

#: MFLOP per sample, forward and backward, and the target speedups over the baseline and over
#: preloaded tensors.
TARGETS: dict[str, tuple[float, int, int | None]] = {
    "compact on Fashion-MNIST": (25.04, 5, 4),
    "LeNet on Fashion-MNIST": (2.29, 10, 5),
    "ResNet-18 on Fashion-MNIST": (201.9, 2, None),
    "compact on digits": (2.09, 20, 8),
    "head on embeddings": (0.235, 20, None),
}

HEAD = "| variant | seconds (range) | samples/s | speedup of the study | accuracy |"
GOALS = "| sweep | speedup over the baseline | target | over preloaded tensors | target | GFLOP/s |"


def main() -> None:
    """Fill the tables and update ``speed.json``."""
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
    """Return the page with the text between two markers replaced."""
    begin, end = f"<!-- speed: {name} -->", f"<!-- end of speed: {name} -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n\n{content}\n\n{end}{rest.split(end)[1]}"


def table(workload: dict[str, Any]) -> str:
    """Return the table of one workload, and the difference in accuracy."""
    variants = workload["variants"]
    lines = [
        HEAD,
        "| --- " * 5 + "|",
        *(row(variant, workload["samples"]) for variant in variants[:-1]),
    ]
    lines.append(row(variants[-1], workload["samples"], last=True))
    (ours, noise), (theirs, other) = variants[-1]["accuracy"], variants[0]["accuracy"]
    error = 100 * math.hypot(noise, other) / math.sqrt(SEEDS)
    agreement = (
        f"Accuracy of the study minus the baseline: {100 * (ours - theirs):+.1f} ± {error:.1f}"
    )
    return "\n".join([*lines, "", f"{agreement} points."])


def row(variant: dict[str, Any], samples: int, last: bool = False) -> str:
    """Return the row of one variant."""
    seconds, ratios = variant["seconds"], variant["ratios"]
    median = statistics.median(seconds)
    faster = "" if last else f"{variant['ratio']:.1f} ({min(ratios):.1f} – {max(ratios):.1f})"
    accuracy = "{:.1f} ± {:.1f} %".format(*(100 * number for number in variant["accuracy"]))
    took = f"{median:.1f} ({min(seconds):.1f} – {max(seconds):.1f})"
    return f"| {variant['name']} | {took} | {samples / median:,.0f} | {faster} | {accuracy} |"


def goals(workloads: list[dict[str, Any]]) -> str:
    """Return the speedups reached, next to the targets."""
    lines = [GOALS, "| --- " * 6 + "|"]
    for workload in workloads:
        mflop, over_baseline, over_preloaded = TARGETS[workload["name"]]
        baseline, preloaded, study = (workload["variants"][place] for place in (0, 1, -1))
        rate = workload["samples"] / statistics.median(study["seconds"]) * mflop / 1000
        cells = (
            f"{baseline['ratio']:.1f}",
            over_baseline,
            f"{preloaded['ratio']:.1f}",
            over_preloaded or "–",
        )
        lines.append(f"| {workload['name']} | {' | '.join(map(str, cells))} | {rate:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
