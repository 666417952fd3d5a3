"""What `run` says beforehand about how long it takes, against how long it took."""

import re
from datetime import timedelta

import pytest

from sweeper.store import find_study, open_database
from sweeper.study.open_study import KnownStudy

NAME = "digits-arcface-accuracy"
UNITS = {"s": 1, "min": 60}


def seconds(said):
    number, unit = said.split()
    return int(number) * UNITS[unit]


def took(count):
    """Return the seconds from the first trial's start to the end of the first ones."""
    with open_database("sqlite:///sweeper.db") as database:
        study = KnownStudy(database, find_study(database, NAME))
        trials = database.optuna_storage.get_all_trials(study.stored.optuna_study_id)
    began = min(trial.datetime_start for trial in trials)
    ends = sorted(trial.datetime_complete for trial in trials)
    return (ends[count - 1] - began) / timedelta(seconds=1)


@pytest.mark.long
def test_an_estimate_is_near_what_it_took(sweeper, capsys, monkeypatch, folder):
    monkeypatch.setenv("SWEEPER_DATA", str(folder / "data"))  # nothing is known of this machine
    sizes = ("--n-trials", 12, "--epochs", 10, "--seeds", 2, "--workers", 2)
    done = sweeper("run", "digits", "--yes", "--loss", "arcface", *sizes, "--sampler", "random")
    assert done.status == 0, done.err
    said = re.search(
        r"^about (.*) for the (\d) settings suggested by other data sets and \d+ controls, "
        r"about (.*?)(?: or less)? for all \d+, with 2 workers, \d+ trials? per array$",
        done.err,
        re.MULTILINE,
    )
    first, suggested, every = said.groups()
    assert 0 < seconds(first) <= seconds(every)
    ratio = seconds(every) / took(12)
    ratio_of_first = seconds(first) / took(int(suggested))
    with capsys.disabled():
        print(f"\nestimated / took: {ratio:.2f} for all, {ratio_of_first:.2f} for the first")
    # The estimate is taken by one process; then two workers share the cores with another test.
    assert 1 / 6 < ratio < 3
