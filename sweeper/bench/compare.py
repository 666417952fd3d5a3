"""All ways on each workload, in turns, with medians and spread."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweeper.bench.variants import READY, STUDY, Accuracies, Timed, Way, ladder, pool
from sweeper.bench.workloads import Workload


@dataclass(frozen=True)
class Result:
    """What a way took for a workload: seconds of each run, and the accuracies of the last."""

    way: Way
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
    """All ways on one workload, what people run today first, a study of ours last.

    Attributes:
        workload: what was run.
        samples: trained on by each way in each run.
        results: one a way.
    """

    workload: Workload
    samples: int
    results: list[Result]

    def ratios(self, other: Result) -> list[float]:
        """Return how many times as fast as another way the study was, in each turn."""
        pairs = zip(other.seconds, self.results[-1].seconds, strict=True)
        return [theirs / ours for theirs, ours in pairs]

    def times(self, other: Result) -> float:
        """Return how many times as fast as another way the study is, the median of the turns."""
        return statistics.median(self.ratios(other))

    @property
    def peer(self) -> Result:
        """What people run today."""
        return self.results[0]

    @property
    def ready(self) -> Result:
        """One trial at a time from ready tensors, on all cores."""
        return next(result for result in self.results if result.way == READY)

    def difference(self, other: Result) -> tuple[float, float]:
        """Return the study's accuracy less another way's, and its standard error over the seeds."""
        (theirs, noise), (ours, own) = other.accuracy, self.results[-1].accuracy
        seeds = len(other.accuracies[0])
        return ours - theirs, math.sqrt((noise**2 + own**2) / seeds)

    @property
    def agree(self) -> bool:
        """Whether what people run today and the study agree, within two standard errors."""
        difference, error = self.difference(self.peer)
        return abs(difference) <= 2 * error


def compare(
    workloads: Sequence[Workload],
    runs: int,
    bfloat16: bool,
    folder: Path,
    peers: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> Iterator[Comparison]:
    """Yield what came out for each workload.

    Ways take turns, so that a machine that is busy for a while slows them all. One turn goes before
    those that count.

    Args:
        workloads: what to run.
        runs: turns that count.
        bfloat16: whether the processor has it.
        folder: for databases.
        peers: whether what people run today takes part; else only ready tensors and the study.
        tell: told each run.
    """
    with pool(folder) as running:
        for workload in workloads:
            if peers:
                ways = [running.faster_peer(workload), READY, *ladder(bfloat16)]
            else:
                ways = [READY, STUDY]
            timed: dict[Way, list[Timed]] = {way: [] for way in ways}
            for turn in range(runs + 1):
                for way in ways:
                    one = running.run(way, workload)
                    tell(f"{workload.name}, turn {turn}, {way.name}: {one.seconds:.1f} s")
                    if turn:
                        timed[way].append(one)
            results = [
                Result(way, [one.seconds for one in each], each[-1].accuracies)
                for way, each in timed.items()
            ]
            yield Comparison(workload, running.samples(workload), results)
