"""What is sent to ``POST recommend`` and ``POST recommend/file``."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sweeper.errors import unknown
from sweeper.registry.losses import ANY_LOSS, DEFAULT_LOSS, repository_losses
from sweeper.registry.nets import NETS
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.repository.given_plan import Given
from sweeper.repository.meta_features.ranges import LARGEST
from sweeper.repository.recommendation.beside import asked_terms
from sweeper.repository.recommendation.by_numbers import MOST, Numbers
from sweeper.repository.recommendation.recommend import require_known_loss
from sweeper.serve.known import Question

#: A net of ours, or what one's own is called; no path, and nothing to be imported.
NET = r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}$"

Whole = Annotated[int, Field(ge=1, le=MOST)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Training(_Strict):
    """How one is going to train, whatever the data are."""

    net: str | None = Field(
        None,
        pattern=NET,
        description="the net, or what your own is called: at most 64 letters, digits and -_.+",
    )
    start: Literal["scratch", "tuned", "frozen"] | None = Field(
        None, description="random weights, pretrained ones that are tuned, or frozen features"
    )
    epochs: Whole | None = Field(None, description="how often each image is seen")
    batch_size: Whole | None = Field(None, description="images of a step")
    lr: float | None = Field(None, gt=0, le=100, description="learning rate; else one is advised")
    embedding: int | None = Field(None, ge=2, le=2**20, description="dimensions of the embedding")

    def given(self) -> Given:
        """Return what is given of a plan.

        Raises:
            UsageError: the start contradicts the net.
        """
        return Given(self.net, self.start, self.epochs, self.batch_size, self.lr, self.embedding)


class _Counts(_Strict):
    num_classes: int = Field(ge=2, le=MOST, description="classes trained on")
    per_class: float = Field(ge=1, le=MOST, description="mean number of images of a class")


class PlanAsked(_Training, _Counts):
    """How one is going to train: numbers that one knows; what is left out is assumed."""

    samples: Whole | None = Field(None, description="images seen in all, in place of epochs")


class _Choices(_Strict):
    """What is wanted."""

    objective: str = Field(
        DEFAULT_OBJECTIVE, max_length=64, json_schema_extra={"enum": list(OBJECTIVES)}
    )
    loss: str = Field(
        DEFAULT_LOSS,
        max_length=64,
        description="whose margins and scale to set",
        json_schema_extra={"enum": [*repository_losses(), ANY_LOSS]},
    )
    beside: list[Annotated[str, Field(max_length=64)]] = Field(
        default_factory=list, max_length=20, description="terms whose λ to recommend"
    )


class Asked(_Choices):
    """A question by numbers."""

    plan: PlanAsked
    meta_features: dict[str, Annotated[float, Field(ge=-LARGEST, le=LARGEST)]] = Field(
        default_factory=dict, max_length=100, description="those that you measured, by name"
    )

    def question(self) -> Question:
        """Return it as it is answered.

        Raises:
            UsageError: a name is unknown, or numbers contradict each other.
        """
        plan = self.plan
        numbers = Numbers(
            plan.num_classes, plan.per_class, plan.given(), plan.samples, dict(self.meta_features)
        )
        return Question(numbers, self.objective, self.loss, asked_terms(self.beside))


class AskedOfFile(_Training, _Choices):
    """A question about a file, which says how many classes and images there are."""

    @field_validator("beside", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Take terms apart: in a form, several are between commas."""
        return value.split(",") if isinstance(value, str) else value

    @field_validator("net", mode="before")
    @classmethod
    def _known(cls, net: object) -> object:
        """Take the nets that are built in alone: a net is made to see what it does with the data.

        Other names may stand for code or for files.
        """
        if net is not None and net not in NETS:
            raise ValueError(f"with a file the net is one of {', '.join(NETS)}")
        return net

    def require_known(self) -> None:
        """Refuse what has no answer for any file.

        Raises:
            UsageError: a name is unknown, or the start contradicts the net.
        """
        if self.objective not in OBJECTIVES:
            raise unknown("objective", self.objective, OBJECTIVES)
        require_known_loss(self.loss)
        asked_terms(self.beside)
        self.given()

    def of_counts(self, num_classes: int, per_class: float, features: Mapping[str, float]) -> Asked:
        """Return the same question by numbers.

        Raises:
            ValidationError: a number is out of its range.
        """
        plan = self.model_dump(include=set(_Training.model_fields))
        choices = self.model_dump(include=set(_Choices.model_fields))
        counts = {"num_classes": num_classes, "per_class": per_class}
        return Asked.model_validate(
            {"plan": {**plan, **counts}, **choices, "meta_features": dict(features)}
        )
