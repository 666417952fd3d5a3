"""The words that a study file is written in: objectives, kinds, samplers, pruners, losses."""

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sweeper.errors import unknown
from sweeper.search.dimensions import NAMES, problem
from sweeper.setting import LOSSES

Kind = Literal["search", "experiment"]
Direction = Literal["maximize", "minimize"]

#: What a trial can be judged by, with the direction that is better.
OBJECTIVES: dict[str, Direction] = {
    "accuracy": "maximize",
    "retrieval": "maximize",
    "compactness": "minimize",
}
KINDS: tuple[Kind, ...] = ("search", "experiment")
SAMPLERS = ("tpe", "gp", "qmc", "random", "grid", "nsga2")
PRUNERS = ("none", "median", "halving", "hyperband")


def one_of(kind: str, known: Collection[str]) -> BeforeValidator:
    """Return a pydantic check that a text is one of the known names."""

    def check(name: Any) -> Any:
        if isinstance(name, str) and name not in known:
            what, _, hint = str(unknown(kind, name, known)).partition("; ")
            near = f" {hint}" if hint.startswith("did you mean") else ""
            raise problem("", f"{what};{near} allowed: {', '.join(known)}")
        return name

    return BeforeValidator(check)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise problem("", f"{text!r} has characters that cannot be shown")
    return text


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
Name = Annotated[str, one_of("hyperparameter", NAMES)]
Loss = Annotated[str, one_of("loss", LOSSES)]
Objective = Annotated[str, one_of("objective", OBJECTIVES)]
Count = Annotated[int, Field(ge=1, le=2**31)]
