"""Which surface is used, and how carefully: chosen by regret, kept as JSON."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from sweeper.errors import SweeperError
from sweeper.repository.surrogates import KINDS, Surrogate
from sweeper.repository.surrogates.design_matrix import FloatArray

#: The lower bound whose largest value is recommended: the mean less so many deviations.
CAUTIONS = (0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Choice:
    """The surface chosen for an objective, and how it fared when sources were left out.

    Attributes:
        objective: what it predicts.
        digest: of the repository that it was chosen on.
        sources, tasks: how many it was evaluated on.
        kind: of surface.
        parameters: its hyperparameters.
        caution: the lower bound is the mean less so many deviations.
        factor: of the deviations, with which intervals cover.
        coverage: of such intervals on sources left out; NaN where they are too few.
        rival: the baseline that is recommended instead, None where the regression is better.
        regrets: mean regret, its standard error, and the probability that the regression is no
            better, of the recommendation and every baseline.
        scores: mean regret and relative error of every surface that was tried.
    """

    objective: str
    digest: str
    sources: int
    tasks: int
    kind: str
    parameters: Mapping[str, float]
    caution: float
    factor: float
    coverage: float
    rival: str | None
    regrets: Mapping[str, Mapping[str, float]]
    scores: Mapping[str, Mapping[str, float]]

    @property
    def surface(self) -> Surrogate:
        """The surface, not fitted."""
        return KINDS[self.kind](**self.parameters)

    def to_json(self) -> str:
        """Return the choice as JSON text; what is NaN becomes null."""
        return json.dumps(_each(asdict(self), _null), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Choice":
        """Read what `to_json` wrote.

        Raises:
            SweeperError: it is none, or of a surface that this version does not have.
        """
        try:
            read = json.loads(text)
            rival = read.pop("rival")
            choice = cls(**_each(read, _nan), rival=rival)
            valid = all(isinstance(v, float | int) for v in (choice.caution, choice.factor))
            if not valid or choice.surface.kind != choice.kind:
                raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            message = "the stored choice of a surface cannot be used; make it again: sweeper fit"
            raise SweeperError(message) from None
        return choice


def label(surface: Surrogate) -> str:
    """Return a surface's name with its hyperparameters: ``ridge (components 8)``."""
    shown = ", ".join(f"{name} {value:g}" for name, value in parameters(surface).items())
    return f"{surface.kind} ({shown})" if shown else surface.kind


def parameters(surface: Surrogate) -> dict[str, float]:
    """Return the hyperparameters of a surface."""
    return {field.name: getattr(surface, field.name) for field in fields(surface)}  # type: ignore[arg-type]


def select(regrets: FloatArray, errors: FloatArray) -> int:
    """Return which policy to take: by regret, and among those as good by the error.

    As good is a mean regret within one standard error, paired over sources, of the least (the rule
    of Breiman et al. 1984, section 3.4.3): below that, the order of regrets is luck.

    Args:
        regrets: of each policy on each source, ``[policies, sources]``.
        errors: of each policy's surface, ``[policies]``.
    """
    means = regrets.mean(1)
    above = regrets - regrets[means.argmin()]
    noise = above.std(1, ddof=1) / np.sqrt(regrets.shape[1]) if regrets.shape[1] > 1 else 0.0
    as_good = np.flatnonzero(above.mean(1) <= noise + 1e-12)
    return int(min(as_good, key=lambda i: (errors[i], means[i], i)))


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _each(inner, change) for key, inner in value.items()}
    return change(value)


def _null(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _nan(value: Any) -> Any:
    return math.nan if value is None else value
