"""Measures the repository that comes with the program: `python db/repository/make.py DATABASE_URL`.

One design of settings on every task, four seeds each, on validation data; half an hour on
two cores. It goes on where it was stopped. What comes out is written beside this file.
"""

import sys
from dataclasses import replace
from pathlib import Path

from scipy.stats import qmc

from sweeper.commands.working import work_through
from sweeper.repository import files, gather
from sweeper.repository.baselines import baselines
from sweeper.repository.evaluation import evaluate
from sweeper.repository.meta_features import DESCRIPTIONS
from sweeper.repository.objectives import OBJECTIVES
from sweeper.repository.own_studies import own_studies
from sweeper.search.default_space import SPACE
from sweeper.search.open_study import create_or_resume
from sweeper.search.process import quiet_optuna
from sweeper.search.signals import StopSignals
from sweeper.search.study_file import StudySpec
from sweeper.search.task import Task
from sweeper.setting import Setting
from sweeper.store import open_database

#: Data set, net, and whether classes are held out for retrieval. The training budget is the one
#: that `sweeper run` takes for a data set: about a thousand steps.
TASKS = (
    ("digits", "compact", False),
    ("digits", "compact", True),
    ("digits[per_class=30, noise=0.3]", "compact", False),
    ("digits[classes=0-4, per_class=60]", "four-layer", False),
    ("digits[per_class=40]", "four-layer", True),
    ("mnist-5k[per_class=100]", "lenet", False),
    ("mnist-5k[per_class=100]", "lenet", True),
    ("mnist-5k[per_class=300]", "lenet", True),
    ("mnist-5k[per_class=20]", "lenet", False),
    ("mnist-5k[classes=0-3, per_class=60, noise=0.3]", "lenet", False),
    ("fashion-mnist[per_class=100]", "lenet", False),
    ("fashion-mnist[per_class=100]", "lenet", True),
    ("fashion-mnist[per_class=300]", "lenet", True),
    ("fashion-mnist[classes=0+2+4+6, per_class=100]", "lenet", False),
    ("fashion-mnist[per_class=200, imbalance=20]", "lenet", False),
    ("fuzzy-rgb[per_class=60, noise=0.4]", "lenet", False),
    ("fuzzy-rgb[per_class=30]", "lenet", False),
    ("fuzzy-rgb[per_class=200, noise=0.2]", "lenet", False),
)

SEEDS = 4

#: Points inside, beside those on the axes and the defaults in use.
INSIDE = 15


def design(num_classes: int, embedding: int) -> list[Setting]:
    """Return the settings that a task is measured with, all of them as the combined loss has them.

    Every baseline, the axes (normalised softmax, ArcFace, CosFace and SphereFace at several
    scales), and points of Sobol's sequence inside.
    """
    axes = [
        *({"scale": scale} for scale in (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)),
        *(
            {"m2": m2, "scale": scale}
            for m2, scale in ((0.2, 8), (0.2, 32), (0.5, 4), (0.5, 16), (0.8, 8), (-0.2, 16))
        ),
        *(
            {"m3": m3, "scale": scale}
            for m3, scale in ((0.1, 8), (0.2, 32), (0.35, 4), (0.35, 16), (0.5, 8), (-0.2, 16))
        ),
        *({"m1": m1, "scale": scale} for m1, scale in ((1.2, 8), (1.35, 16), (0.9, 16))),
        *({"m2": 0.3, "m3": 0.2, "scale": scale} for scale in (8.0, 16.0)),
    ]
    named = baselines(num_classes, embedding, lr=1e-3, weight_decay=0.0).values()
    known = [
        {name: getattr(setting, name) for name in ("m1", "m2", "m3", "scale")}
        for setting in named
        if setting.loss != "softmax"
    ]
    ends = {name: (space["low"], space["high"]) for name, space in SPACE.items()}
    inside = []
    shares = qmc.Sobol(len(ends), scramble=False).random(INSIDE + 1)[1:]  # the first is a corner
    for share in shares:
        point = {}
        for (name, (low, high)), at in zip(ends.items(), share, strict=True):
            is_scale = name == "scale"
            value = low * (high / low) ** at if is_scale else low + (high - low) * at
            point[name] = round(float(value), 3)
        inside.append(point)
    every = (Setting("combined", **point) for point in (*known, *axes, *inside))
    return list(dict.fromkeys(every))


def task_of(dataset: str, net: str, held_out: bool) -> tuple[Task, list[Setting]]:
    """Return a task, whose search begins with the whole design and ends there, and the design."""
    objectives = ["accuracy", *(["retrieval"] if held_out else []), "compactness"]
    content = {
        "name": f"{dataset} {net}{' held out' if held_out else ''}",
        "dataset": dataset,
        "net": net,
        "objectives": objectives,
        "seeds": SEEDS,
        "sampler": "random",
        "controls": ["softmax"],
        "space": SPACE,
    }
    task = Task.load(StudySpec.from_content(content, "make.py")).sized()
    settings = design(len(task.split.trained_classes), task.spec.embedding)
    return replace(task, spec=task.spec.updated("make.py", n_trials=len(settings))), settings


def sweep(url: str) -> None:
    """Train all that is not trained yet."""
    for number, described in enumerate(TASKS, 1):
        task, settings = task_of(*described)
        with StopSignals() as signals, open_database(url, create=True) as database:
            opened, _ = create_or_resume(database, task, settings)
            print(f"{number} of {len(TASKS)}: {task.spec.name}, {len(settings)} settings")
            if work_through(opened, signals, url):
                sys.exit("stopped; the same command goes on")


def write(url: str) -> None:
    """Write the repository, and the surface chosen for each objective, beside this file."""
    folder = Path(__file__).parent
    with open_database(url) as database:
        repository = own_studies(database)
    origin = {
        **gather.origin(),
        "measured by": "db/repository/make.py",
        "device": "cpu, float32",
        "seeds": f"0 to {SEEDS - 1}",
        "data": "digits (CC BY 4.0), MNIST (CC BY-SA 3.0), Fashion-MNIST (MIT), Fuzzy-RGB (made)",
        "licence": "MIT",
    }
    files.export_folder(repository, folder, origin, DESCRIPTIONS)
    for objective in OBJECTIVES:
        choice = evaluate(repository, objective).choice
        gather.choice_file(objective).write_text(choice.to_json(), encoding="utf-8")


if __name__ == "__main__":
    quiet_optuna()
    (address,) = sys.argv[1:]
    sweep(address)
    write(address)
