"""How the cost of a sweep grows with members, classes, images, trials and workers.

Each table has the median of three runs and the exponent b of a least-squares fit of
seconds ~ quantity^b on logarithms: 0 means no extra cost, 1 proportional growth. Run it from the
checkout:

    python benchmarks/growth.py
"""

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from sweeper.bench.machine import describe
from sweeper.bench.variants import Pool
from sweeper.bench.workloads import Workload
from sweeper.launch.worker_process import quiet_optuna
from sweeper.registry.setting import Setting
from sweeper.report.tables import print_line, print_table
from sweeper.training import (
    FusedTrainer,
    Samples,
    TrainingData,
    TrainingRecipe,
    has_bfloat16,
    use_processor,
)

RUNS, BATCH = 3, 128
BFLOAT16 = has_bfloat16(torch.device("cpu"))


def random_data(shape: tuple[int, ...], classes: int, images: int) -> TrainingData:
    """Return random images or embeddings; the time of a step does not depend on their content."""
    torch.manual_seed(0)
    if len(shape) == 3:
        inputs = torch.randint(0, 256, (images, *shape), dtype=torch.uint8)
        mean, std = torch.full((shape[0], 1, 1), 128.0), torch.full((shape[0], 1, 1), 70.0)
    else:
        inputs, mean, std = torch.randn(images, *shape), torch.zeros(()), torch.ones(())
    samples = Samples(inputs, torch.arange(images) % classes)
    return TrainingData(samples, samples, samples, None, classes, mean, std, autocast=BFLOAT16)


def seconds_of_epoch(
    data: TrainingData, net: str, members: int, setting: Setting | None = None
) -> float:
    """Return the seconds per epoch of an array: the median of three after a warm-up."""
    settings = [setting or Setting("arcface", m2=0.5 * k / members) for k in range(members)]
    array = FusedTrainer(data, settings, [0], TrainingRecipe(net, 64, RUNS + 1, BATCH))
    array.train_epoch()
    return statistics.median(timed(array.train_epoch) for _ in range(RUNS))


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def exponent(quantities: Sequence[float], seconds: Sequence[float]) -> float:
    """Return b of the least squares fit ``log seconds = a + b log quantity``."""
    x, y = ([math.log(value) for value in values] for values in (quantities, seconds))
    return statistics.linear_regression(x, y).slope


def show(what: str, quantities: Sequence[int], seconds: Sequence[float], name: str) -> None:
    """Print a table of one quantity."""
    print_line()
    print_line(f"{what}: exponent {exponent(quantities, seconds):.2f}")
    rows = [
        (f"{quantity:,}", f"{total:.3f}", f"{total / seconds[0]:.2f}")
        for quantity, total in zip(quantities, seconds, strict=True)
    ]
    header = [name, "seconds", "relative to the first"]
    print_table(header, rows, header)


def members() -> None:
    """Members of an array."""
    for name, net, shape in (
        ("compact on 8x8", "compact", (1, 8, 8)),
        ("LeNet on 28x28", "lenet", (1, 28, 28)),
        ("compact on 28x28", "compact", (1, 28, 28)),
    ):
        counts = [1, 2, 4, 8, 16] if shape[1] > 8 else [1, 2, 4, 8, 16, 32, 64]
        data = random_data(shape, 10, 3 * BATCH)
        show(
            f"{name}, an epoch of 3 batches of {BATCH}",
            counts,
            [seconds_of_epoch(data, net, count) for count in counts],
            "members",
        )


def classes() -> None:
    """Classes, with only a head on embeddings of size 64: the cost of the losses themselves."""
    counts = [10, 100, 1000, 10_000]
    for loss in ("arcface", "normalized-softmax", "softmax"):
        seconds = [
            seconds_of_epoch(
                random_data((64,), count, max(count, 3 * BATCH)), "head", 4, Setting(loss)
            )
            / -(-max(count, 3 * BATCH) // BATCH)
            for count in counts
        ]
        show(f"{loss}, head on 64 features, 4 members, a step", counts, seconds, "classes")


def images() -> None:
    """Images to train on."""
    counts = [1024, 4096, 16_384, 65_536]
    seconds = [
        seconds_of_epoch(random_data((1, 8, 8), 10, count), "compact", 8) for count in counts
    ]
    show("compact on 8x8, 8 members, an epoch", counts, seconds, "images")


def studies(pool: Pool) -> None:
    """Trials and workers of a whole study in its database."""
    precision = "bfloat16" if BFLOAT16 else "float32"
    counts = [8, 32, 128]
    seconds = []
    for count in counts:
        workload = Workload(f"{count} trials", "digits", "compact", count, 4, 2, precision)
        seconds.append(statistics.median(pool.run_study(workload).seconds for _ in range(RUNS)))
    show("digits, compact, 4 seeds, 2 epochs, workers on all cores", counts, seconds, "trials")
    workload = Workload("32 trials", "digits", "compact", 32, 4, 2, precision)
    workers, everyone, seconds = list(range(1, pool.cores + 1)), pool.workers, []
    for count in workers:
        pool.workers = everyone[:count]
        seconds.append(statistics.median(pool.run_study(workload).seconds for _ in range(RUNS)))
    pool.workers = everyone
    if len(workers) > 1:
        show("digits, 32 trials", workers, seconds, "workers")


def main() -> None:
    """Print all tables."""
    quiet_optuna()
    print_line(", ".join(f"{name} {value}" for name, value in describe().items()))
    use_processor(1)
    members()
    classes()
    images()
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder))
        try:
            studies(pool)
        finally:
            pool.close()


if __name__ == "__main__":
    main()
