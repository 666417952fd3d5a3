"""The study that is worked on, and what came out of it."""

from pathlib import Path

import numpy as np

from sweeper import store
from sweeper.study.study_file import StudySpec

N_TRIALS = 200
SPACE = {
    "m2": {"low": -0.2, "high": 0.6, "step": 0.2},
    "m3": {"low": -0.2, "high": 0.6, "step": 0.2},
    "scale": {"choices": [2, 4, 8, 12, 16, 24, 32, 64]},
}


def make_data(file: Path) -> Path:
    """Write embeddings of seven classes that overlap."""
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(7), 60)
    points = generator.normal(size=(7, 6))[labels] + generator.normal(size=(420, 6))
    np.savez(file, embeddings=points.astype(np.float32), labels=labels)
    return file


def make_study(data: Path, prunes: bool) -> StudySpec:
    """Return a grid of 200 trials of two seeds."""
    pruning = {"pruner": "median", "rungs": [4, 8, 16]} if prunes else {}
    content = {
        "name": "s",
        "dataset": str(data),
        "space": SPACE,
        "sampler": "grid",
        "n_trials": N_TRIALS,
        "epochs": 30,
        "seeds": 2,
        "batch_size": 16,
    }
    return StudySpec.from_content(content | pruning, "chaos")


def results(records: list[store.TrialRecord]) -> dict:
    """Return the numbers of each setting that was tried, by what they are."""
    found = {}
    for record in records:
        if not store.is_retryable(record.cause) and store.kind_of(record.cause)[:8] != "given up":
            numbers = {
                f"{name} of seed {seed.seed}": value
                for seed in record.seeds
                for name, value in seed.values.items()
            }
            for seed in record.seeds:
                for of in seed.curve:
                    at = f"seed {seed.seed} in epoch {of.epoch}"
                    numbers |= {f"loss of {at}": of.train_loss, f"accuracy of {at}": of.accuracy}
            found[record.control, record.setting] = record, numbers
    return found
