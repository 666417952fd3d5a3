"""One searched hyperparameter, as a study file writes it: a range or a list of choices."""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

#: More points, of a stepped range, a grid or an experiment, are a slip and would fill the memory.
MAX_POINTS = 100_000


T = TypeVar("T")


class Strict(BaseModel):
    """A frozen model that takes no unknown key, no text for a number, no infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


#: A TOML list of numbers, at least one; the list itself may come as a list or a tuple.
Numbers = Annotated[tuple[float, ...], Field(strict=False, min_length=1)]


def problem(key: str, message: str) -> PydanticCustomError:
    """Return the error that a check raises about one key; an empty key means the whole table."""
    return PydanticCustomError("study", "{message}", {"key": key, "message": message})


def first_repeat(values: Iterable[T]) -> T | None:
    """Return the first value that comes a second time, or None."""
    seen: set[T] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


class Range(Strict):
    """Numbers from `low` to `high`, both included; `log` searches on a logarithmic scale."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low >= self.high:
            raise problem("low", f"must be less than high, which is {self.high:g}")
        if not math.isfinite(self.high - self.low):
            raise problem("high", "the range is too wide to be searched")
        if self.log and self.low <= 0:
            raise problem("low", "must be positive where log = true")
        if self.step is not None:
            self._check_step(self.step)
        return self

    def _check_step(self, step: float) -> None:
        if self.log:
            raise problem("step", "cannot stand beside log = true; list the values as choices")
        if step <= 0:
            raise problem("step", "must be positive")
        # As decimal fractions, the way they are written: 0.1 does divide 0..0.3.
        quotient = (_exact(self.high) - _exact(self.low)) / _exact(step)
        if quotient.denominator != 1:
            raise problem("step", f"must divide the range from {self.low:g} to {self.high:g}")
        if quotient >= MAX_POINTS:
            raise problem("step", f"makes more than {MAX_POINTS:,} points; leave it out")

    @property
    def size(self) -> int | None:
        """The number of points, or None where there is no step."""
        if self.step is None:
            return None
        return int((_exact(self.high) - _exact(self.low)) / _exact(self.step)) + 1

    def points(self) -> tuple[float, ...]:
        """Return every point, from low to high; none where there is no step."""
        if self.step is None:
            return ()
        low, step = _exact(self.low), _exact(self.step)
        return tuple(float(low + i * step) for i in range(self.size or 0))

    def middle(self) -> float:
        """Return the mean of the ends: the geometric one on a logarithmic scale."""
        if self.log:
            return math.sqrt(self.low) * math.sqrt(self.high)
        return (self.low + self.high) / 2

    def ends(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self.low, self.high

    def nearest(self, value: float) -> float:
        """Return the value of the range that is nearest to a number."""
        if self.step is None:
            return min(max(value, self.low), self.high)
        return min(self.points(), key=lambda point: abs(point - value))


class Choices(Strict):
    """A list of numbers, each as good as another to the sampler."""

    choices: Numbers

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (repeat := first_repeat(self.choices)) is not None:
            raise problem("choices", f"{repeat:g} stands there twice")
        return self

    @property
    def size(self) -> int:
        """The number of choices."""
        return len(self.choices)

    def points(self) -> tuple[float, ...]:
        """Return the choices."""
        return self.choices

    def middle(self) -> float:
        """Return the middle one of the sorted choices, the larger of two."""
        return sorted(self.choices)[len(self.choices) // 2]

    def ends(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return min(self.choices), max(self.choices)

    def nearest(self, value: float) -> float:
        """Return the choice that is nearest to a number."""
        return min(self.choices, key=lambda choice: abs(choice - value))


def grid_size(space: Mapping[str, Range | Choices]) -> int:
    """Return the number of points of a grid; a range without a step counts once."""
    return math.prod(dimension.size or 1 for dimension in space.values())


def _exact(value: float) -> Fraction:
    return Fraction(repr(value))


def _tag(value: object) -> str:
    has_choices = isinstance(value, Choices) or (isinstance(value, dict) and "choices" in value)
    return "choices" if has_choices else "range"


#: A value of the [space] table. The tag keeps pydantic's message about the form that was meant.
Dimension = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")], Discriminator(_tag)
]
