"""The tables of ``sweeper bench``."""

import json
from collections.abc import Iterable
from typing import Any

from sweeper.bench.compare import Comparison, Result
from sweeper.report.tables import print_line, print_table


def print_comparison(comparison: Comparison) -> None:
    """Print how every way did on a workload."""
    workload = comparison.workload
    print_line()
    print_line(
        f"{workload.name}: {workload.trials} trials, {workload.seeds} seeds, {workload.epochs} "
        f"epochs, {comparison.samples:,} samples trained on"
    )
    header = ["way", "seconds", "from", "to", "samples/s", "sweeper is", "accuracy", "±"]
    print_table(header, (_row(comparison, result) for result in comparison.results), header[1:])
    if comparison.peer is not comparison.ready:
        difference, error = (100 * number for number in comparison.difference(comparison.peer))
        within = "within" if comparison.agree else "NOT within"
        print_line(
            f"the last way's accuracy less the first's: {difference:+.1f} ± {error:.1f} points, "
            f"{within} two standard errors"
        )


def to_json(machine: dict[str, Any], comparisons: Iterable[Comparison]) -> str:
    """Return all figures as text."""
    content = {
        "machine": machine,
        "workloads": [
            {
                "name": comparison.workload.name,
                "samples": comparison.samples,
                "agree": comparison.agree,
                "ways": [
                    {
                        "name": result.way.name,
                        "seconds": [round(seconds, 3) for seconds in result.seconds],
                        "accuracy": result.accuracy,
                        "ratio": round(comparison.times(result), 3),
                        "ratios": [round(ratio, 3) for ratio in comparison.ratios(result)],
                    }
                    for result in comparison.results
                ],
            }
            for comparison in comparisons
        ],
    }
    return json.dumps(content, indent=1)


def _row(comparison: Comparison, result: Result) -> list[str]:
    accuracy, noise = result.accuracy
    ratios = comparison.ratios(result)
    return [
        result.way.name,
        f"{result.median:.2f}",
        f"{min(result.seconds):.2f}",
        f"{max(result.seconds):.2f}",
        f"{comparison.samples / result.median:,.0f}",
        f"{comparison.times(result):.1f} ({min(ratios):.1f} to {max(ratios):.1f}) times as fast",
        f"{100 * accuracy:.1f}",
        f"{100 * noise:.1f}",
    ]
