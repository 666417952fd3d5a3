"""Noise of which nearly all is of one class, from the data set to what is shown of the study."""

import io
import json
from contextlib import redirect_stdout

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from sweeper.report.results import print_json
from sweeper.report.study import introduction
from sweeper.report.study_results import StudyResults
from sweeper.study.open_study import create_or_resume
from sweeper.study.task import Task


def test_imbalanced_noise_is_not_taken_for_a_success(sqlite_database, quick, work, tmp_path):
    labels = np.repeat([0, 1], [390, 10])
    noise = np.random.default_rng(0).normal(size=(400, 6)).astype(np.float32)
    np.savez(tmp_path / "noise.npz", embeddings=noise, labels=labels)
    spec = quick(dataset=str(tmp_path / "noise.npz"), n_trials=2, seeds=3, epochs=20)
    opened, new = create_or_resume(sqlite_database, Task.load(spec))
    assert "note: heavily imbalanced: 97.5 % are of class" in introduction(opened, new)
    work(opened)
    outcome = StudyResults.load(sqlite_database, opened.stored)
    for row in (*outcome.trials, *outcome.controls):
        assert row.values["majority baseline"] == pytest.approx(78 / 80)
        for seed in row.record.seeds:
            pairs = [(t, p) for t, p, number in seed.confusion for _ in range(number)]
            expected = balanced_accuracy_score(*zip(*pairs, strict=True))
            assert seed.values["balanced accuracy"] == pytest.approx(expected, abs=1e-6)
    with redirect_stdout(io.StringIO()) as out:
        print_json(outcome)
    line = json.loads(out.getvalue())["imbalance"]
    assert line.startswith("no accuracy is clearly above the 97.5 % that always naming the largest")
