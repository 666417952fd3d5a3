"""A study of hours is not started unasked, and what fits into an hour is offered."""

import pytest

from sweeper.errors import UsageError
from sweeper.launch import long_runs
from sweeper.launch.long_runs import fitting_options, require_short
from sweeper.study.task import Task


@pytest.mark.parametrize(
    ("content", "share", "expected"),
    [
        ({"n_trials": 60, "epochs": 10}, 0.5, "--n-trials 29"),
        ({"n_trials": 60, "epochs": 10}, 0.1, "--n-trials 10 --epochs 5"),
        ({"n_trials": 60, "epochs": 10}, 0.001, "--n-trials 10 --epochs 1 with a subset"),
        ({"n_trials": 8, "epochs": 10}, 0.5, "--epochs 5"),
        (
            {"kind": "experiment", "settings": [{"loss": "softmax"}], "epochs": 10},
            0.25,
            "--epochs 2",
        ),
    ],
)
def test_what_fits(study, content, share: float, expected: str):
    assert fitting_options(study(**content), share).startswith(expected)


def test_the_offer_takes_no_longer(study):
    for trials in (1, 9, 10, 60, 500):
        for epochs in (1, 7, 100):
            for share in (0.9, 0.3, 0.05):
                spec = study(n_trials=trials, epochs=epochs)
                words = fitting_options(spec, share).split()
                given = dict(zip(words[::2], words[1::2], strict=False))
                controls = len(spec.controls)
                offered = int(given.get("--n-trials", trials)) + controls
                offered *= int(given.get("--epochs", epochs))
                whole = (trials + controls) * epochs
                assert offered <= whole * share + 1e-9 or "subset" in words


def test_a_long_study_is_refused_and_a_short_one_is_not(quick, monkeypatch):
    require_short(Task.load(quick()), "cpu", 1)
    with pytest.raises(
        UsageError, match=r"^this would take about .* h.*: add --yes .*--epochs \d+"
    ):
        require_short(Task.load(quick(epochs=2_000_000)), "cpu", 1)
    monkeypatch.setattr(long_runs, "UNASKED", 1e-6)
    with pytest.raises(UsageError):
        require_short(Task.load(quick()), "cpu", 1)
