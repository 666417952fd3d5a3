"""Every way of the benchmark on a sweep of a moment: the same trials, and accuracies that agree."""

import math
import statistics

import pytest

from sweeper.bench.compare import Comparison, Result, compare
from sweeper.bench.variants import PEERS, READY, STUDY
from sweeper.bench.workloads import Workload, make_workloads
from sweeper.study.task import Task

SMALL = Workload("a moment", "digits", "compact", 2, 2, 3, "float32")


@pytest.mark.long
def test_every_way_trains_the_same_trials(tmp_path):
    told = []
    (comparison,) = compare([SMALL], 1, False, tmp_path, tell=told.append)
    ways = [result.way for result in comparison.results]
    assert ways[0] in PEERS
    assert (ways[1], ways[-1]) == (READY, STUDY)
    assert len(told) == 2 * len(ways)  # one turn warms up
    images = len(Task.load(SMALL.spec).split.train)
    assert comparison.samples == 2 * 2 * 3 * images
    for result in comparison.results:
        assert [len(trial) for trial in result.accuracies] == [2, 2]
        assert result.accuracy[0] > 0.5, result.way.name
        assert len(result.seconds) == 1
    # Arrays of one, arrays of many and the study are the same training, member for member.
    *_, alone, together, study = (sorted(result.accuracies) for result in comparison.results)
    for other in (together, study):
        for trial, expected in zip(other, alone, strict=True):
            assert trial == pytest.approx(expected, abs=0.01)


@pytest.mark.long
def test_without_the_peer(tmp_path):
    (comparison,) = compare([SMALL], 1, False, tmp_path, peers=False)
    assert [result.way for result in comparison.results] == [READY, STUDY]
    (ready,), (study,) = (result.seconds for result in comparison.results)
    assert comparison.times(comparison.ready) == pytest.approx(ready / study)


def test_ratios_and_noise():
    peer = Result(PEERS[0], [8.0, 6.0, 7.0], [[0.8, 0.6], [0.6, 0.4]])
    ready = Result(READY, [3.5, 2.0, 2.0], [[0.5, 0.5]])
    study = Result(STUDY, [2.0, 1.0, 4.0], [[0.62, 0.60], [0.60, 0.58]])
    comparison = Comparison(SMALL, 100, [peer, ready, study])
    assert comparison.ratios(peer) == [4.0, 6.0, 1.75]
    assert comparison.times(peer) == 4.0
    assert comparison.times(comparison.ready) == 1.75
    mean, noise = peer.accuracy
    assert (mean, noise) == pytest.approx((0.6, statistics.stdev([0.7, 0.5])))
    assert comparison.agree
    assert comparison.difference(peer) == pytest.approx((0.0, math.hypot(0.1, 0.01)))
    other = Result(STUDY, [2.0, 2.0, 2.0], [[0.95, 0.96], [0.96, 0.95]])
    assert not Comparison(SMALL, 100, [peer, ready, other]).agree


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
