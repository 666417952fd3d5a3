"""The object that ``sweeper recommend --format json`` prints, as a model that refuses any other.

Fields that may be None are printed as soon as the program knows of them.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


Range = Annotated[list[float], Field(min_length=2, max_length=2)]
Start = Literal["scratch", "tuned", "frozen"]
Choice = Literal["net", "start", "epochs", "batch_size", "lr", "embedding"]


class Setting(Strict):
    loss: str
    m1: float
    m2: float
    m3: float
    scale: float | None
    lambda_: float | None = Field(alias="lambda")
    lr: float
    terms: dict[str, float]


class Attempt(Setting):
    regret: float | None


class Plan(Strict):
    net: str
    start: Start
    epochs: int
    samples: int
    batch_size: int
    lr: float
    embedding: int
    num_classes: int
    per_class: float
    given: list[Choice]


class Gain(Strict):
    mean: float
    low: float
    high: float


class OfLoss(Setting):
    gain: Gain


class OfLambda(Strict):
    lambda_: float = Field(alias="lambda")
    gain: Gain


class Term(Strict):
    term: str
    loss: str
    known: bool
    lambda_: float = Field(alias="lambda")
    helps: bool
    best: float | None
    gains: list[OfLambda]
    tasks: int
    sources: int


class Neighbor(Strict):
    task: str
    distance: float
    best: Setting


class Practice(Strict):
    domain: str
    data: str
    loss: str
    m: float | Range
    scale: float | None
    source: str


class Baseline(Strict):
    name: str
    setting: Setting
    predicted: float | None


class Answer(Strict):
    objective: Literal["accuracy", "retrieval", "compactness"]
    plan: Plan
    known: bool
    notes: list[str]
    recommended: Setting
    shortlist: list[Attempt] | None = None
    gain: Gain
    common_name: str
    cost: float
    losses: list[OfLoss]
    terms: list[Term]
    as_good: dict[Literal["m1", "m2", "m3", "scale", "lambda", "lr"], Range]
    nearest: list[Neighbor]
    practice: list[Practice]
    baselines: list[Baseline]


def paths(model: type[BaseModel] = Answer, before: str = "") -> Iterator[str]:
    """Return the path of every field: ``plan.net``, ``nearest[].task``; settings once."""
    for name, field in model.model_fields.items():
        path = before + (field.alias or name)
        yield path
        inner, is_list = _model(field.annotation)
        if inner is not None and (path == "recommended" or not issubclass(inner, Setting)):
            yield from paths(inner, path + ("[]." if is_list else "."))
        elif inner is Attempt:
            yield f"{path}[].regret"
        elif inner is OfLoss:
            yield f"{path}[].gain"


def _model(annotation: object) -> tuple[type[BaseModel] | None, bool]:
    """Return the model in an annotation, and whether it stands in a list."""
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part, get_origin(annotation) is list
        if get_origin(part) is list and part is not annotation:
            return _model(part)
    return None, False
