"""What `sweeper fit` finds out, stored as JSON: how to predict, and how good it is."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sweeper.errors import SweeperError
from sweeper.repository.surrogates.members import MEMBERS
from sweeper.repository.surrogates.responses import Smoothing


@dataclass(frozen=True)
class Choice:
    """How one objective is predicted, and how good that is on held-out tasks.

    Attributes:
        objective: the predicted objective.
        digest: digest of the repository it was chosen on.
        sources, tasks: numbers of sources and tasks in the evaluation.
        smoothing: of the tasks' responses.
        shares: of each of `members.MEMBERS` in the average, by name.
        factor: factor by which intervals scale the deviations.
        coverage: how often such 90 % intervals cover on held-out sources: `mean` and `se` over
            sources; NaN with too few.
        width: median width of these intervals, of settings that look good.
        refused: how many of the tasks were too far from all others.
        worse: shares of tasks on which the recommendation is worse by more than a point than a
            baseline, by its name: `all`, and `surely`, beyond the noise of the seeds.
        regrets: for each scheme of leaving out, and each method, `regret` and `se` over sources
            after 1, 3 and 5 tries, `p` that ours is no better after one, and the share `measured`.
        schemes: of each scheme, `tasks` and `sources`; why there are none where there are too few.
    """

    objective: str
    digest: str
    sources: int
    tasks: int
    smoothing: Mapping[str, float]
    shares: Mapping[str, float]
    factor: float
    coverage: Mapping[str, float]
    width: float
    refused: int
    worse: Mapping[str, Mapping[str, float]]
    regrets: Mapping[str, Mapping[str, Mapping[str, Any]]]
    schemes: Mapping[str, Mapping[str, Any]]

    @property
    def smooth(self) -> Smoothing:
        """The smoothing as its record."""
        return Smoothing(**self.smoothing)

    @property
    def share(self) -> tuple[float, ...]:
        """The shares in the order of `members.MEMBERS`."""
        return tuple(self.shares[str(member)] for member in MEMBERS)

    def to_json(self) -> str:
        """Return the choice as JSON text; NaN becomes null."""
        return json.dumps(_each(asdict(self), _null), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Choice | None":
        """Read the result of `to_json`; None for that of a version that predicted otherwise.

        Raises:
            SweeperError: the text is not a choice.
        """
        try:
            stored = json.loads(text)
            if "kind" in stored or set(stored["shares"]) != {str(member) for member in MEMBERS}:
                return None
            choice = cls(**_each(stored, _nan))
            numbers = (choice.factor, *choice.share, *choice.smoothing.values())
            if not all(isinstance(each, float | int) for each in numbers) or not choice.smooth:
                raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            message = "the stored choice of a predictor cannot be used; choose again: sweeper fit"
            raise SweeperError(message) from None
        return choice


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _each(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, change) for inner in value]
    return change(value)


def _null(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _nan(value: Any) -> Any:
    return math.nan if value is None else value
