"""The words that a study file is written in: objectives, kinds, samplers, pruners, losses."""

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sweeper.errors import unknown
from sweeper.registry.aliases import current_name, current_names
from sweeper.registry.losses import LOSSES
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.study_kind import StudyKind
from sweeper.registry.terms import TERMS
from sweeper.study.space.dimensions import Choices, Range, first_repeat, problem

Precision = Literal["auto", "float32", "bfloat16"]

KINDS: tuple[StudyKind, ...] = ("search", "experiment")


def one_of(kind: str, known: Collection[str]) -> BeforeValidator:
    """Return a pydantic check that a text is one of the known names."""

    def check(name: Any) -> Any:
        name = current_name(name) if isinstance(name, str) else name
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


def _each_once(terms: tuple[str, ...]) -> tuple[str, ...]:
    if (repeat := first_repeat(terms)) is not None:
        raise problem("", f"{repeat} stands there twice")
    return tuple(term for term in TERMS if term in terms)


def flattened(table: Any) -> Any:
    """Return a table with the hyperparameters of terms named ``center.lambda``, as they are now.

    A term that has a range or choices itself stays, for the check that says what it must be.
    """
    if not isinstance(table, dict):
        return table
    flat: dict[Any, Any] = {}
    for key, value in _current(table).items():
        of_term = key in TERMS and isinstance(value, dict) and not _is_dimension(value)
        flat |= {f"{key}.{name}": own for name, own in value.items()} if of_term else {key: value}
    return _current(flat)


def _current(table: dict[Any, Any]) -> dict[Any, Any]:
    try:
        return current_names(table)
    except ValueError as error:
        raise problem("", str(error)) from None


def _is_dimension(table: dict[Any, Any]) -> bool:
    return bool(table) and table.keys() <= Range.model_fields.keys() | Choices.model_fields.keys()


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
Loss = Annotated[str, one_of("loss", LOSSES)]
Term = Annotated[str, one_of("term", TERMS)]
#: Terms beside a loss, each once, in any order.
Terms = Annotated[tuple[Term, ...], Field(strict=False), AfterValidator(_each_once)]
#: A table by hyperparameter; TOML makes a table of ``center.lambda``, here it is one name.
Flat = BeforeValidator(flattened)
Objective = Annotated[str, one_of("objective", OBJECTIVES)]
Count = Annotated[int, Field(ge=1, le=2**31)]
