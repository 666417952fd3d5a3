"""The tables of the benchmark."""

import json

from sweeper.bench.compare import Comparison, Result
from sweeper.bench.tables import print_comparison, to_json
from sweeper.bench.variants import BASELINES, PRELOADED, STUDY
from sweeper.bench.workloads import Workload

WORKLOAD = Workload("compact on digits", "digits", "compact", 2, 2, 3, "float32")
BASELINE = Result(BASELINES[0], [8.0, 6.0, 7.0], [[0.8, 0.6], [0.6, 0.4]])
ONE_AT_A_TIME = Result(PRELOADED, [3.0, 3.5, 4.0], [[0.7, 0.5], [0.6, 0.4]])
STORED = Result(STUDY, [2.0, 1.0, 4.0], [[0.62, 0.60], [0.60, 0.58]])
COMPARISON = Comparison(WORKLOAD, 1400, [BASELINE, ONE_AT_A_TIME, STORED])


def test_table(capsys):
    print_comparison(COMPARISON)
    lines = capsys.readouterr().out.splitlines()
    assert "compact on digits: 2 trials, 2 seeds, 3 epochs, 1,400 samples trained on" in lines
    (row,) = (line for line in lines if line.startswith("Optuna, DataLoader without workers"))
    assert row.split("  ", 1)[1].split() == [
        *("7.00", "6.00", "8.00", "200"),
        *("4.0", "(1.8", "to", "6.0)", "60.0", "14.1"),
    ]
    # The seeds differ by 0.2 and 0.02, so the errors are 0.1 and 0.01.
    assert lines[-1] == (
        "accuracy of the last variant minus the first: 0.0 ± 10.0 points, within two standard "
        "errors"
    )


def test_table_without_the_peer_compares_no_accuracies(capsys):
    print_comparison(Comparison(WORKLOAD, 1400, [ONE_AT_A_TIME, STORED]))
    assert "accuracy of the last" not in capsys.readouterr().out


def test_json():
    content = json.loads(to_json({"cores": 2}, [COMPARISON]))
    assert content["machine"] == {"cores": 2}
    (workload,) = content["workloads"]
    assert (workload["name"], workload["samples"], workload["agree"]) == (
        "compact on digits",
        1400,
        True,
    )
    assert [variant["ratio"] for variant in workload["variants"]] == [4.0, 1.5, 1.0]
    assert workload["variants"][0]["ratios"] == [4.0, 6.0, 1.75]
    assert workload["variants"][0]["seconds"] == [8.0, 6.0, 7.0]
