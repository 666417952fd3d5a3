"""A table of settings in an experiment's file, and the settings that it stands for."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from sweeper.registry.names import all_hyperparameters, own_names
from sweeper.registry.setting import Setting
from sweeper.study.space.dimensions import Numbers, Strict
from sweeper.study.vocabulary import Loss, Terms, flattened


def merge(
    loss: str, values: Mapping[str, Any], fixed: Mapping[str, float], beside: Iterable[str]
) -> Setting:
    """Return a setting of the given values and those fixed ones that its loss or a term has."""
    own = own_names(loss, beside)
    return Setting.of(loss, {**{k: v for k, v in fixed.items() if k in own}, **values}, beside)


_as_list = BeforeValidator(lambda value: value if isinstance(value, list | tuple) else (value,))
Values = Annotated[Numbers, _as_list]


class SettingTable(Strict):
    """One ``[[settings]]`` table of an experiment: a value, or several, for each key it gives.

    Its file has the hyperparameters beside `loss` and `beside`, without a table of their own.
    """

    loss: Annotated[tuple[Loss, ...], Field(strict=False, min_length=1), _as_list] | None = None
    beside: Terms | None = None
    values: dict[str, Values] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        flat = flattened(table)
        order = (*(name for name in all_hyperparameters() if name in flat), *flat)
        values = {name: flat[name] for name in order if name not in ("loss", "beside")}
        return {**{k: flat[k] for k in ("loss", "beside") if k in flat}, "values": values}

    @model_serializer
    def _as_in_a_file(self) -> dict[str, Any]:
        words = {"loss": self.loss, "beside": self.beside}
        return {**{k: v for k, v in words.items() if v is not None}, **self.values}

    @property
    def size(self) -> int:
        """The number of settings: the product of the numbers of values."""
        return math.prod(map(len, (self.loss or ("",), *self.values.values())))

    def expand(
        self, loss: str, fixed: Mapping[str, float], beside: Iterable[str]
    ) -> Iterator[Setting]:
        """Yield every combination, the last hyperparameter running fastest.

        Args:
            loss: where the table gives none.
            fixed: hyperparameters that the table may give otherwise.
            beside: the terms, where the table gives none.
        """
        terms = tuple(beside) if self.beside is None else self.beside
        for one in self.loss or (loss,):
            for values in itertools.product(*self.values.values()):
                yield merge(one, dict(zip(self.values, values, strict=True)), fixed, terms)
