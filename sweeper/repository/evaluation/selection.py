"""Selection of the surrogate and of kappa by regret, stored as JSON."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from sweeper.errors import SweeperError
from sweeper.repository.surrogates import KINDS, Surrogate
from sweeper.repository.surrogates.design_matrix import FloatArray

#: Candidates of κ in the lower confidence bound, mean - κ · deviation, which is maximized.
KAPPAS = (0.25, 0.5, 1.0)


#: Field names in JSON written by earlier versions.
_RENAMED = {"caution": "kappa", "rival": "baseline"}


@dataclass(frozen=True)
class Choice:
    """The surrogate chosen for an objective, and its performance on held-out sources.

    Attributes:
        objective: the predicted objective.
        digest: digest of the repository it was chosen on.
        sources, tasks: numbers of sources and tasks in the evaluation.
        kind: kind of the surrogate.
        parameters: its hyperparameters.
        kappa: κ of the lower confidence bound, mean - κ · deviation.
        factor: factor by which intervals scale the deviations.
        coverage: coverage of such intervals on held-out sources; NaN with too few sources.
        baseline: the baseline to recommend instead, or None if the surrogate is better.
        regrets: for the recommendation and every baseline the mean regret, its standard error, and
            the p-value that the surrogate is no better.
        scores: mean regret and relative error of every candidate surrogate.
    """

    objective: str
    digest: str
    sources: int
    tasks: int
    kind: str
    parameters: Mapping[str, float]
    kappa: float
    factor: float
    coverage: float
    baseline: str | None
    regrets: Mapping[str, Mapping[str, float]]
    scores: Mapping[str, Mapping[str, float]]

    @property
    def surrogate(self) -> Surrogate:
        """The surrogate, not fitted."""
        return KINDS[self.kind](**self.parameters)

    def to_json(self) -> str:
        """Return the choice as JSON text; NaN becomes null."""
        return json.dumps(_each(asdict(self), _null), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Choice":
        """Read the result of `to_json`, also from versions with older field names.

        Raises:
            SweeperError: the text is not a choice, or its surrogate is unknown to this version.
        """
        try:
            stored = {_RENAMED.get(name, name): value for name, value in json.loads(text).items()}
            baseline = stored.pop("baseline")
            choice = cls(**_each(stored, _nan), baseline=baseline)
            valid = all(isinstance(v, float | int) for v in (choice.kappa, choice.factor))
            if not valid or choice.surrogate.kind != choice.kind:
                raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            message = "the stored choice of a surrogate cannot be used; choose again: sweeper fit"
            raise SweeperError(message) from None
        return choice


def label(surrogate: Surrogate) -> str:
    """Return a surrogate's name with its hyperparameters: ``ridge (components 8)``."""
    shown = ", ".join(f"{name} {value:g}" for name, value in parameters(surrogate).items())
    return f"{surrogate.kind} ({shown})" if shown else surrogate.kind


def parameters(surrogate: Surrogate) -> dict[str, float]:
    """Return the hyperparameters of a surrogate."""
    return {field.name: getattr(surrogate, field.name) for field in fields(surrogate)}  # type: ignore[arg-type]


def select(regrets: FloatArray, errors: FloatArray) -> int:
    """Return the policy with the lowest regret; among equally good ones, with the lowest error.

    A mean regret within one standard error of the lowest, paired over sources, is equally good (the
    rule of Breiman et al. 1984, section 3.4.3): smaller differences are chance.

    Args:
        regrets: regrets of each policy on each source, ``[policies, sources]``.
        errors: errors of each policy's surrogate, ``[policies]``.
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
