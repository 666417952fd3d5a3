"""A question asked by numbers alone, where the data are not at hand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from sweeper.errors import UsageError, unknown
from sweeper.registry.losses import DEFAULT_LOSS
from sweeper.registry.nets import DEFAULT_NETS, nets_for
from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.repository.evaluation.choice import Choice
from sweeper.repository.given_plan import Given
from sweeper.repository.meta_features.counts import formula_features
from sweeper.repository.meta_features.measure import FEATURES
from sweeper.repository.meta_features.ranges import ROUNDING, valid_range
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.asking import NOBODY
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.repository.records import Repository
from sweeper.repository.surrogates.members import votes
from sweeper.repository.task_weights import OwnTasks
from sweeper.training import fitting_budget

#: The dimensions of an embedding where nobody says, those of a study.
EMBEDDING = 64

#: A plan of which nothing is given.
NOTHING = Given()

#: The largest numbers that are answered: beyond, products are no whole numbers any more.
MOST = 10**9


@dataclass(frozen=True)
class Numbers:
    """Data and a training, as somebody knows them without looking at the data.

    Attributes:
        num_classes: classes trained on.
        per_class: mean number of images of a class.
        given: of the plan; the rest is what a search would do.
        samples: images that the training sees, in place of the epochs of `given`.
        features: meta-features that were measured, by name.

    Raises:
        UsageError: a number is out of its range, or there is no such meta-feature.
    """

    num_classes: int
    per_class: float
    given: Given = NOTHING
    samples: int | None = None
    features: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 2 <= self.num_classes <= MOST:
            raise UsageError(f"num_classes must be from 2 to {MOST:,}, not {self.num_classes:,}")
        if not 1 <= self.per_class <= MOST:
            raise UsageError(f"per_class must be from 1 to {MOST:,}, not {self.per_class:,}")
        if self.samples is not None and self.given.epochs is not None:
            raise UsageError("epochs and samples say the same: give one of them")
        if others := sorted(self.features.keys() - set(FEATURES)):
            raise unknown("meta-feature", others[0], FEATURES)
        for name, value in self.features.items():
            low, high = valid_range(name)
            if not low - ROUNDING <= value <= high + ROUNDING:
                raise UsageError(f"{name} is {value:g}: it is from {low:g} to {high:.4g}")

    def plan(self) -> Plan:
        """Return the whole plan.

        Raises:
            UsageError: a number of it is out of its range.
        """
        given, images = self.given, round(self.num_classes * self.per_class)
        budget = fitting_budget(images, given.batch_size)
        epochs = given.epochs or budget.epochs
        if self.samples is not None:
            epochs = max(1, round(self.samples / images))
        net = given.net or DEFAULT_NETS["images"]
        return given.plan(
            net=net,
            epochs=epochs,
            batch_size=budget.batch_size,
            embedding=EMBEDDING if given.embedding is None else given.embedding,
            is_images=net not in nets_for("embeddings"),
            num_train=images,
            num_classes=self.num_classes,
        )

    def task_features(self, repository: Repository, plan: Plan) -> dict[str, float]:
        """Return the meta-features: as given, else as they follow from the plan, else as usual.

        Classes count as equally large. What only the data can tell is the mean over the known tasks
        on such data (images, or features of a frozen body), a vote for each source.
        """
        ready = plan.start == "frozen"
        tasks = repository.tasks
        alike = tasks[tasks["is_embedding"] == ready] if "is_embedding" in tasks else tasks
        alike = alike if len(alike) else tasks
        weight = votes(alike["source"].to_numpy())
        usual = {name: float(weight @ alike[name].to_numpy(float)) for name in repository.features}
        return {**usual, **_counted(plan), "is_embedding": float(ready), **self.features}

    def notes(self, repository: Repository) -> tuple[str, ...]:
        """Return what should be said of an answer: that the data were not looked at."""
        if repository.features and set(repository.features) <= self.features.keys():
            return ()
        return (
            "asked by numbers alone: how hard the classes are to tell apart was not measured and "
            "is taken as usual; `sweeper recommend DATASET` measures it",
        )


def _counted(plan: Plan) -> dict[str, float]:
    """Return the meta-features that counting tells, of classes of one size."""
    per_class = math.log(plan.per_class)
    return {
        "log_images": math.log(plan.num_train),
        "log_classes": math.log(plan.num_classes),
        "log_per_class_mean": per_class,
        "log_per_class_min": per_class,
        "class_entropy": 1.0,
        "class_imbalance": 0.0,
        **formula_features(plan.num_classes),
    }


def recommend_by_numbers(
    repository: Repository,
    numbers: Numbers,
    objective: str = DEFAULT_OBJECTIVE,
    loss: str = DEFAULT_LOSS,
    *,
    choice: Choice | None = None,
    own: OwnTasks = NOBODY,
    beside: Sequence[str] = (),
    measures: pd.DataFrame | None = None,
) -> Recommendation:
    """Recommend for data that are not at hand, see `recommend.recommend`.

    Raises:
        UsageError: the objective or the loss is unknown, or a number of the plan is out of its
            range.
    """
    plan = numbers.plan()
    features = numbers.task_features(repository, plan)
    answer = recommend(
        repository,
        features,
        plan,
        objective,
        loss,
        choice=choice,
        own=own,
        beside=beside,
        measures=measures,
    )
    return replace(answer, notes=(*numbers.notes(repository), *answer.notes))
