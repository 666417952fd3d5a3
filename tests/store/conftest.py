"""Studies and trials to store, and a way to run several processes at the same moment."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from sweeper.registry.setting import Setting
from sweeper.store import (
    ClassRecord,
    DatasetRecord,
    EpochRecord,
    SeedRecord,
    StudyRecord,
    TaskRecord,
    TrialRecord,
    create_study,
)


@pytest.fixture
def study_record() -> StudyRecord:
    dataset = DatasetRecord(
        name="digits[classes=0-2]",
        source="digits",
        fingerprint="0123abcd" * 8,
        samples=537,
        num_classes=3,
        input_shape=(1, 8, 8),
        class_names=("zero", "one", "two, or 'zwei'"),
    )
    task = TaskRecord(dataset, "compact", 64, 10, 128, 0.1, 2**40, "89ef" * 16)
    return StudyRecord("mine", "search", task, '{"name": "mine"}', 10, "0.1.0", optuna_study_id=7)


@pytest.fixture
def study(database, study_record):
    return create_study(database, study_record)


@pytest.fixture
def trial() -> TrialRecord:
    """A complete trial of two seeds, with values that have no short decimal form."""
    seeds = tuple(
        SeedRecord(
            seed,
            {"accuracy": 0.9 + seed / 30, "retrieval": 1 / (3 + seed)},
            tuple(
                EpochRecord(
                    epoch,
                    2.0 / (epoch + 3),
                    0.1 * epoch,
                    {"sigma2r.growth": (1.0, epoch / 7, 1 / 3)},
                )
                for epoch in range(3)
            ),
            tuple(ClassRecord(index, index / 7, index / 11, index / 13) for index in range(3)),
            ((0, 0, 5), (0, 2, 1), (1, 1, 7), (2, 0, 2**33)),
        )
        for seed in (0, 2**33)
    )
    margins = {"m1": 1.1, "m2": -0.2, "m3": 0.3, "scale": 1 / 3, "lr": 1e-3, "weight_decay": 5e-4}
    more = {"subcenters": 3, "sigma2r.lambda": 1 / 7, "term_lr": 0.5}
    setting = Setting.of("combined", {**margins, **more}, ["center"])
    return TrialRecord(
        setting, "complete", number=0, epochs=3, seconds=1.25, device="cuda:0", seeds=seeds
    )


@pytest.fixture
def numbered(trial):
    """Make a trial with this number, and other changes."""
    return lambda number, **changes: replace(trial, number=number, **changes)


@pytest.fixture
def run_together(tmp_path):
    """Run one script in several processes at one moment; return what each printed.

    The script's arguments are its rank and those given; it starts behind the imports, when all
    processes have come so far.
    """

    def run(count: int, imports: str, script: str, *arguments: str) -> list[str]:
        barrier = (
            f"import sys, time, pathlib\n{imports}\n"
            f"pathlib.Path(r'{tmp_path}', f'ready{{sys.argv[1]}}').touch()\n"
            f"while not pathlib.Path(r'{tmp_path}', 'go').exists(): time.sleep(0.001)\n"
        )
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", barrier + script, str(rank), *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank in range(count)
        ]
        while any(process.poll() is None for process in processes) and not all(
            (tmp_path / f"ready{rank}").exists() for rank in range(count)
        ):
            time.sleep(0.01)
        (tmp_path / "go").touch()
        done = [process.communicate(timeout=60) for process in processes]
        assert [process.returncode for process in processes] == [0] * count, done
        return [output for output, _ in done]

    return run
