"""The head on features: what the parts of a search cost, and the time of a whole one.

    python benchmarks/features.py              # the parts: a few minutes
    python benchmarks/features.py --search     # and `sweeper run --until settled` as a user has it

The features are made here: 50,000 of 768 dimensions in 1,000 classes, whose centers lie on a sphere
in groups of groups, with noise within a class of 4 to 64 dimensions, its own and common ones. They
are no features of a net; what they share with these is that a head is wrong on many. The parts are
timed in seconds of work, in one process with one thread, in turns: in float32, and as a processor
with instructions for bfloat16 trains.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sweeper.registry.setting import Setting
from sweeper.training import (
    FusedTrainer,
    Samples,
    TrainingData,
    TrainingRecipe,
    first_batches,
    measure,
    use_processor,
    validation_accuracy,
)

SAMPLES, DIMENSIONS, CLASSES = 50_000, 768, 1_000
TURNS, STEPS, MEMBERS = 5, 8, 8


def features(seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return features ``[N, d]`` and labels ``[N]``."""
    random = np.random.default_rng(seed)

    def unit(number: int) -> NDArray[np.float64]:
        drawn = random.standard_normal((number, DIMENSIONS))
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))

    groups = unit(20)[random.integers(20, size=100)] + 0.9 * unit(100)
    centers = groups[random.integers(100, size=CLASSES)] + 0.7 * unit(CLASSES)
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    common = unit(64)
    labels = random.permutation(np.arange(SAMPLES) % CLASSES)
    made = centers[labels]
    for number in range(CLASSES):
        rows = np.flatnonzero(labels == number)
        rank = int(random.choice([4, 8, 16, 32, 64]))
        some = common[random.choice(64, rank // 2, replace=False)]
        basis = np.concatenate([some, unit(rank - rank // 2)])
        size = random.uniform(0.6, 1.4) / np.sqrt(rank)
        made[rows] += size * random.standard_normal((len(rows), rank)) @ basis
    made += 0.5 * random.standard_normal(made.shape) / np.sqrt(DIMENSIONS)
    return made.astype(np.float32), labels


def parts(data: TrainingData) -> dict[str, float]:
    """Return milliseconds of work of each part, for one member of an array."""
    recipe = TrainingRecipe("head", DIMENSIONS, epochs=7, batch_size=128)
    settings = [Setting("combined", m2=0.3, scale=16), Setting("combined", m3=0.2, scale=11)]
    trainer = FusedTrainer(first_batches(data, recipe, STEPS), settings, range(4), recipe)
    trainer.train_epoch()

    def work(part: Callable[[], object]) -> float:
        began = time.process_time()
        part()
        return 1e3 * (time.process_time() - began) / MEMBERS

    return {
        "a step": work(trainer.train_epoch) / STEPS,
        "the curve of an epoch": work(lambda: validation_accuracy(trainer)),
        "what a rung asks for": work(lambda: measure(trainer, ["accuracy"], None, True)),
        "all measures at the end": work(lambda: measure(trainer, ["accuracy"])),
    }


def compare() -> None:
    """Print the parts, in float32 and as trained, and the ratios turn by turn."""
    made, labels = features()
    inputs, numbers = torch.from_numpy(made), torch.from_numpy(labels)
    train, spared = (Samples(inputs[s], numbers[s]) for s in (slice(30_000), slice(40_000, None)))
    zero, one = torch.zeros(()), torch.ones(())
    exact = TrainingData(train, spared, spared, None, CLASSES, zero, one)
    turns = [(parts(exact), parts(replace(exact, autocast=True))) for _ in range(TURNS)]
    for name in turns[0][0]:
        before, after = ([turn[side][name] for turn in turns] for side in (0, 1))
        ratios = sorted(first / second for first, second in zip(before, after, strict=True))
        print(
            f"{name}: {statistics.median(before):.1f} ms in float32, "
            f"{statistics.median(after):.1f} ms as trained, {statistics.median(ratios):.2f} "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f}) times as fast",
            flush=True,
        )


def search() -> None:
    """Run a search as a user does, until it is settled, and say how long that took."""
    command = ["run", "features.npz", "--until", "settled", "--yes"]
    with tempfile.TemporaryDirectory() as folder:
        made, labels = features()
        np.savez(Path(folder) / "features.npz", embeddings=made, labels=labels)
        began = time.perf_counter()
        storage = ["--storage", "sqlite:///features.db"]
        subprocess.run(
            [sys.executable, "-m", "sweeper", *command, *storage], cwd=folder, check=True
        )
        print(f"sweeper {' '.join(command)}: {time.perf_counter() - began:.0f} s")


def main() -> None:
    """Print the parts, and the whole search if it is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--search", action="store_true", help="run a whole search, too")
    options = parser.parse_args()
    use_processor(1)
    compare()
    if options.search:
        search()


if __name__ == "__main__":
    main()
