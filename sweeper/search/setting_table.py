"""A table of settings in an experiment's file, and the settings that it stands for."""

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from sweeper.search.dimensions import Numbers, Strict
from sweeper.search.vocabulary import Loss
from sweeper.setting import LOSSES, Setting


def merge(values: Mapping[str, Any], fixed: Mapping[str, float]) -> Setting:
    """Return a setting of the given values and those fixed ones that its loss has."""
    own = (*LOSSES[values["loss"]], "lr", "weight_decay")
    return Setting(**{**{k: v for k, v in fixed.items() if k in own}, **values})


_as_list = BeforeValidator(lambda value: value if isinstance(value, list | tuple) else (value,))
Values = Annotated[Numbers, _as_list]


class SettingTable(Strict):
    """One ``[[settings]]`` table of an experiment: a value, or several, for each key it gives."""

    loss: Annotated[tuple[Loss, ...], Field(strict=False, min_length=1), _as_list] | None = None
    m1: Values | None = None
    m2: Values | None = None
    m3: Values | None = None
    scale: Values | None = None
    lr: Values | None = None
    weight_decay: Values | None = None

    def given(self) -> dict[str, tuple[Any, ...]]:
        """Return the keys that the table gives, each with its values."""
        return {key: values for key, values in self if values is not None}

    @property
    def size(self) -> int:
        """The number of settings: the product of the numbers of values."""
        return math.prod(len(values) for values in self.given().values())

    def expand(self, loss: str, fixed: Mapping[str, float]) -> Iterator[Setting]:
        """Yield every combination, the last key running fastest; `loss` where none is given."""
        given = self.given()
        for values in itertools.product(*given.values()):
            yield merge({"loss": loss, **dict(zip(given, values, strict=True))}, fixed)
