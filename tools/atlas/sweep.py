"""Measures a task of the atlas: the design, plain softmax, and the terms, each as a study."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sweeper.launch.run_study import run_study
from sweeper.launch.signals import StopSignals
from sweeper.registry.setting import Setting
from sweeper.store import open_database
from sweeper.study.open_study import create_or_resume
from sweeper.study.space.default_space import default_space
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from tools.atlas.design import chosen, design
from tools.atlas.tasks import AtlasTask

SEEDS = 4

#: Plain softmax is what everything is compared with: its noise would be in every difference.
SEEDS_OF_SOFTMAX = 2 * SEEDS

#: The ranges of the combined loss, in which the design lies.
SPACE_OF_MARGINS = default_space("combined")

#: λ of the terms: from what is negligible to what is too much, published values in between.
LAMBDAS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
TERMS = ("center", "sigma2r")
#: What the terms stand beside; without them both are measured with the design.
ARCFACE = {"m2": 0.2, "scale": 16.0}


@dataclass(frozen=True)
class Planned:
    """A study of a task, and the settings that it begins with."""

    task: Task
    first: Sequence[Setting] = ()


def plan(task: AtlasTask) -> Iterator[Planned]:
    """Yield the studies of a task, which share its data.

    Raises:
        SweeperError: its data are not here.
    """
    shared = {
        "dataset": task.location,
        "net": task.net,
        "objectives": list(task.objectives),
        "batch_size": task.batch_size,
        "embedding": task.embedding,
        "controls": [],
    }
    lr = {"lr": {"choices": sorted([task.lr, *task.rates_aside])}}
    softmax = {"loss": "softmax", "sampler": "grid", "seeds": SEEDS_OF_SOFTMAX, "space": lr}
    loaded = Task.load(_spec(f"{task.name}, softmax", shared, softmax))
    # Names as they are stored, which workers compare theirs with.
    shared |= {"dataset": loaded.spec.dataset, "net": loaded.spec.net}
    epochs = {"epochs": task.epochs(loaded.split.images_per_epoch)}

    def study(what: str, **own: Any) -> Task:
        spec = _spec(f"{task.name}, {what}", {**shared, **epochs}, own)
        return replace(loaded, spec=spec.with_loaded(loaded.spec.loaded))

    yield Planned(study("softmax", **softmax))
    if task.chosen:
        settings = chosen()
    else:
        settings = design(len(loaded.split.trained_classes), loaded.spec.embedding)
    margins = {"space": SPACE_OF_MARGINS, "fixed": {"lr": task.lr}, "sampler": "random"}
    budget = {"n_trials": len(settings), "seeds": SEEDS}
    yield Planned(study("margins", **margins, **budget), settings)
    if task.rates:
        aside = [replace(each, lr=rate) for rate in task.rates_aside for each in chosen()]
        space = {**SPACE_OF_MARGINS, "lr": {"choices": list(task.rates_aside)}}
        own = {"space": space, "sampler": "random", "n_trials": len(aside), "seeds": SEEDS}
        yield Planned(study("margins at other rates", **own), aside)
    if task.terms:
        for loss, fixed in (("softmax", {}), ("arcface", ARCFACE)):
            for term in TERMS:
                yield Planned(
                    study(
                        f"{loss} + {term}",
                        loss=loss,
                        beside=[term],
                        sampler="grid",
                        space={f"{term}.lambda": {"choices": list(LAMBDAS)}},
                        fixed={**fixed, "lr": task.lr},
                        seeds=SEEDS,
                    )
                )


def sweep(task: AtlasTask, url: str) -> int:
    """Train all of a task that is not trained yet; return the exit status.

    Raises:
        SweeperError: its data are not here, or a worker failed.
    """
    for planned in plan(task):
        with StopSignals() as signals, open_database(url, create=True) as database:
            opened, _ = create_or_resume(database, planned.task, planned.first)
            if status := run_study(opened, signals, url):
                return status
    return 0


def _spec(name: str, shared: dict[str, Any], own: dict[str, Any]) -> StudySpec:
    return StudySpec.from_content({"name": name, **shared, **own}, name)
