"""Runs all variants on each workload in turns; medians and spread."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweeper.bench.variants import PRELOADED, STUDY, Accuracies, Timed, Variant, ladder, pool
from sweeper.bench.workloads import Workload


@dataclass(frozen=True)
class Result:
    """A variant on a workload: the seconds of each run, and the accuracies of the last run."""

    variant: Variant
    seconds: list[float]
    accuracies: Accuracies

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds)

    @property
    def accuracy(self) -> tuple[float, float]:
        """The mean over trials and seeds, and its standard deviation over the seeds."""
        seeds = [statistics.fmean(seed) for seed in zip(*self.accuracies, strict=True)]
        return statistics.fmean(seeds), statistics.stdev(seeds)


@dataclass(frozen=True)
class Comparison:
    """All variants on one workload: the baseline first, the study last.

    Attributes:
        workload: what was run.
        samples: number that each variant trains on in each run.
        results: one per variant.
    """

    workload: Workload
    samples: int
    results: list[Result]

    def ratios(self, other: Result) -> list[float]:
        """Return the speedup of the study over another variant, in each turn."""
        pairs = zip(other.seconds, self.results[-1].seconds, strict=True)
        return [theirs / ours for theirs, ours in pairs]

    def speedup(self, other: Result) -> float:
        """Return the speedup of the study over another variant, the median of the turns."""
        return statistics.median(self.ratios(other))

    @property
    def baseline(self) -> Result:
        """The usual way to run a sweep."""
        return self.results[0]

    @property
    def preloaded(self) -> Result:
        """One trial at a time from tensors in memory, on all cores."""
        return next(result for result in self.results if result.variant == PRELOADED)

    def difference(self, other: Result) -> tuple[float, float]:
        """Return the study's accuracy minus another variant's, and the standard error."""
        (theirs, their_noise), (ours, our_noise) = other.accuracy, self.results[-1].accuracy
        seeds = len(other.accuracies[0])
        return ours - theirs, math.sqrt((their_noise**2 + our_noise**2) / seeds)

    @property
    def agree(self) -> bool:
        """Whether baseline and study agree within two standard errors."""
        difference, error = self.difference(self.baseline)
        return abs(difference) <= 2 * error


def compare(
    workloads: Sequence[Workload],
    runs: int,
    bfloat16: bool,
    folder: Path,
    baselines: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> Iterator[Comparison]:
    """Yield the results of each workload.

    Variants take turns, so that a machine that is busy for a while slows down all of them. The
    first turn warms up and does not count.

    Args:
        workloads: what to run.
        runs: measured turns.
        bfloat16: whether the processor supports it.
        folder: for databases.
        baselines: whether to run all variants; otherwise only preloaded tensors and the study.
        tell: called with one line per run.
    """
    with pool(folder) as running:
        for workload in workloads:
            if baselines:
                variants = [running.faster_baseline(workload), PRELOADED, *ladder(bfloat16)]
            else:
                variants = [PRELOADED, STUDY]
            timed: dict[Variant, list[Timed]] = {variant: [] for variant in variants}
            for turn in range(runs + 1):
                for variant in variants:
                    one = running.run(variant, workload)
                    tell(f"{workload.name}, turn {turn}, {variant.name}: {one.seconds:.1f} s")
                    if turn:
                        timed[variant].append(one)
            results = [
                Result(variant, [one.seconds for one in each], each[-1].accuracies)
                for variant, each in timed.items()
            ]
            yield Comparison(workload, running.samples(workload), results)
