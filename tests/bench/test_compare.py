"""Every variant of the benchmark on a tiny sweep: the same trials, and accuracies that agree."""

import math
import statistics

import pytest

from sweeper.bench.compare import Comparison, Result, compare
from sweeper.bench.variants import BASELINES, PRELOADED, STUDY
from sweeper.bench.workloads import Workload, make_workloads
from sweeper.study.task import Task

SMALL = Workload("a moment", "digits", "compact", 2, 2, 3, "float32")


@pytest.mark.long
def test_every_variant_trains_the_same_trials(tmp_path):
    told = []
    (comparison,) = compare([SMALL], 1, False, tmp_path, tell=told.append)
    variants = [result.variant for result in comparison.results]
    assert variants[0] in BASELINES
    assert (variants[1], variants[-1]) == (PRELOADED, STUDY)
    assert len(told) == 2 * len(variants)  # one turn warms up
    images = len(Task.load(SMALL.spec).split.train)
    assert comparison.samples == 2 * 2 * 3 * images
    for result in comparison.results:
        assert [len(trial) for trial in result.accuracies] == [2, 2]
        assert result.accuracy[0] > 0.5, result.variant.name
        assert len(result.seconds) == 1
    # Arrays of one, arrays of many and the study are the same training, member for member.
    *_, one_by_one, fused, study = (sorted(result.accuracies) for result in comparison.results)
    for other in (fused, study):
        for trial, expected in zip(other, one_by_one, strict=True):
            assert trial == pytest.approx(expected, abs=0.01)


@pytest.mark.long
def test_without_the_peer(tmp_path):
    (comparison,) = compare([SMALL], 1, False, tmp_path, baselines=False)
    assert [result.variant for result in comparison.results] == [PRELOADED, STUDY]
    (ready,), (study,) = (result.seconds for result in comparison.results)
    assert comparison.speedup(comparison.preloaded) == pytest.approx(ready / study)


def test_ratios_and_noise():
    baseline = Result(BASELINES[0], [8.0, 6.0, 7.0], [[0.8, 0.6], [0.6, 0.4]])
    ready = Result(PRELOADED, [3.5, 2.0, 2.0], [[0.5, 0.5]])
    study = Result(STUDY, [2.0, 1.0, 4.0], [[0.62, 0.60], [0.60, 0.58]])
    comparison = Comparison(SMALL, 100, [baseline, ready, study])
    assert comparison.ratios(baseline) == [4.0, 6.0, 1.75]
    assert comparison.speedup(baseline) == 4.0
    assert comparison.speedup(comparison.preloaded) == 1.75
    mean, noise = baseline.accuracy
    assert (mean, noise) == pytest.approx((0.6, statistics.stdev([0.7, 0.5])))
    assert comparison.agree
    assert comparison.difference(baseline) == pytest.approx((0.0, math.hypot(0.1, 0.01)))
    other = Result(STUDY, [2.0, 2.0, 2.0], [[0.95, 0.96], [0.96, 0.95]])
    assert not Comparison(SMALL, 100, [baseline, ready, other]).agree


def test_workloads_are_studies_that_fit_their_data(tmp_path):
    workloads = make_workloads(tmp_path, "float32")
    assert len({workload.spec.name for workload in workloads}) == 5
    for workload in workloads:
        assert workload.spec.n_trials == len(workload.settings) == workload.trials
        margins = [setting.m2 for setting in workload.settings]
        assert margins == sorted(set(margins))
        assert all(4 <= setting.scale <= 64 for setting in workload.settings)
    (embeddings,) = make_workloads(tmp_path, "float32", "EMBED")
    assert Task.load(embeddings.spec).dataset.num_classes == 100
    assert make_workloads(tmp_path, "float32", "nothing") == []
