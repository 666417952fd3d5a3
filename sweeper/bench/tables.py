"""The tables of ``sweeper bench``."""

import json
from collections.abc import Iterable
from typing import Any

from sweeper.bench.compare import Comparison, Result
from sweeper.console import rounded
from sweeper.report.tables import print_line, print_table


def print_comparison(comparison: Comparison) -> None:
    """Print the results of every variant on a workload."""
    workload = comparison.workload
    print_line()
    print_line(
        f"{workload.name}: {workload.trials} trials, {workload.seeds} seeds, {workload.epochs} "
        f"epochs, {comparison.samples:,} samples trained on"
    )
    header = ["variant", "seconds", "from", "to", "samples/s", "sweeper's speedup", "accuracy", "±"]
    print_table(header, (_row(comparison, result) for result in comparison.results), header[1:])
    if comparison.baseline is not comparison.preloaded:
        difference, error = (100 * number for number in comparison.difference(comparison.baseline))
        within = "within" if comparison.agree else "NOT within"
        print_line(
            f"accuracy of the last variant minus the first: {rounded(difference, '+.1f')} ± "
            f"{error:.1f} points, {within} two standard errors"
        )


def to_json(machine: dict[str, Any], comparisons: Iterable[Comparison]) -> str:
    """Return all results as JSON text."""
    content = {
        "machine": machine,
        "workloads": [
            {
                "name": comparison.workload.name,
                "samples": comparison.samples,
                "agree": comparison.agree,
                "variants": [
                    {
                        "name": result.variant.name,
                        "seconds": [round(seconds, 3) for seconds in result.seconds],
                        "accuracy": result.accuracy,
                        "ratio": round(comparison.speedup(result), 3),
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
        result.variant.name,
        f"{result.median:.2f}",
        f"{min(result.seconds):.2f}",
        f"{max(result.seconds):.2f}",
        f"{comparison.samples / result.median:,.0f}",
        f"{comparison.speedup(result):.1f} ({min(ratios):.1f} to {max(ratios):.1f})",
        f"{100 * accuracy:.1f}",
        f"{100 * noise:.1f}",
    ]
