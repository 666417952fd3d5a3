"""What is sent to ``POST recommend``."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sweeper.registry.losses import ANY_LOSS, DEFAULT_LOSS, repository_losses
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.repository.given_plan import Given
from sweeper.repository.recommendation.beside import asked_terms
from sweeper.repository.recommendation.by_numbers import LARGEST, MOST, Numbers
from sweeper.serve.known import Question

#: A net of ours, or what one's own is called; no path, and nothing to be imported.
NET = r"^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}$"

Whole = Annotated[int, Field(ge=1, le=MOST)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class PlanAsked(_Strict):
    """How one is going to train: numbers that one knows; what is left out is assumed."""

    num_classes: int = Field(ge=2, le=MOST, description="classes trained on")
    per_class: float = Field(ge=1, le=MOST, description="mean number of images of a class")
    net: str | None = Field(
        None,
        pattern=NET,
        description="the net, or what your own is called: at most 64 letters, digits and -_.+",
    )
    start: Literal["scratch", "tuned", "frozen"] | None = Field(
        None, description="random weights, pretrained ones that are tuned, or frozen features"
    )
    epochs: Whole | None = Field(None, description="how often each image is seen")
    samples: Whole | None = Field(None, description="images seen in all, in place of epochs")
    batch_size: Whole | None = Field(None, description="images of a step")
    lr: float | None = Field(None, gt=0, le=100, description="learning rate; else one is advised")
    embedding: int | None = Field(None, ge=2, le=2**20, description="dimensions of the embedding")


class Asked(_Strict):
    """A question by numbers."""

    plan: PlanAsked
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
    meta_features: dict[str, Annotated[float, Field(ge=-LARGEST, le=LARGEST)]] = Field(
        default_factory=dict, max_length=100, description="those that you measured, by name"
    )

    def question(self) -> Question:
        """Return it as it is answered.

        Raises:
            UsageError: a name is unknown, or numbers contradict each other.
        """
        plan = self.plan
        given = Given(plan.net, plan.start, plan.epochs, plan.batch_size, plan.lr, plan.embedding)
        numbers = Numbers(
            plan.num_classes, plan.per_class, given, plan.samples, dict(self.meta_features)
        )
        return Question(numbers, self.objective, self.loss, asked_terms(self.beside))
