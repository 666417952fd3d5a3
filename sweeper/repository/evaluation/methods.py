"""What each method would try on a held-out task, in order: ours, and all that it is compared with.

None of them sees the task's results. Some know other tasks, the formulas only its classes.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import (
    BEST_CONSTANT,
    NEAREST_TASK,
    PLAIN_SOFTMAX,
    baselines,
    fixed_adacos_scale,
)
from sweeper.repository.best_known import best_measured
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.surrogates.coordinates import FloatArray, points_with_rate
from sweeper.repository.surrogates.knowledge import Knowledge
from sweeper.repository.surrogates.members import votes
from sweeper.repository.surrogates.scenarios import Scenarios
from sweeper.repository.surrogates.shortlist import MOST, shortlist

OURS, PORTFOLIO, RANDOM = "recommendation", "portfolio", "random search"
FITTED_ADACOS, DEFAULTS = "c · AdaCos, c fitted", "papers' defaults in turn"

#: The order of the papers' defaults.
_IN_TURN = (
    *("ArcFace (0.5, 64)", "CosFace (0.35, 64)", "SphereFace (1.35, 64)"),
    *("combined (1, 0.3, 0.2)", "combined (0.9, 0.4, 0.15)"),
)

#: Candidates of c.
_FACTORS = np.geomspace(0.5, 16.0, 11)


@dataclass(frozen=True, eq=False)
class Attempts:
    """What the methods would try on one held-out task.

    Attributes:
        held: the task.
        too_far: whether it is beyond what is known.
        scenarios: ours, of its settings with margins.
        tries: of each method, positions in order.
        measured: of each baseline, whether its first setting was measured itself.
    """

    held: HeldOut
    too_far: bool
    scenarios: Scenarios
    tries: dict[str, tuple[int, ...]]
    measured: dict[str, bool]


def attempts(knowledge: Knowledge, held: HeldOut, adacos: "FittedAdaCos") -> Attempts:
    """Return what the methods would try, knowing only what `knowledge` may use."""
    asked = knowledge.place(held.task, held.tuned)
    too_far = knowledge.too_far(held.task, asked)
    scenarios = knowledge.foreseen(held.settings, held.task, asked)
    tries = {OURS: shortlist(with_softmax(scenarios.gains), scenarios.probability).positions}
    others = with_softmax(knowledge.unrelated(held.settings).gains)
    vote = votes(knowledge.stack.places.source)
    constant = (-(vote @ others)).argsort(kind="stable")[:MOST]
    tries[BEST_CONSTANT] = tuple(int(position) for position in constant)
    tries[PORTFOLIO] = shortlist(others, vote).positions
    tries[NEAREST_TASK] = _of_nearest(knowledge, held, knowledge.distances(asked)[1])
    named = _formulas(held)
    named[FITTED_ADACOS] = adacos.setting(knowledge, held)
    closest = {name: held.closest(setting) for name, setting in named.items()}
    tries |= {name: (position,) for name, (position, _) in closest.items()}
    tries[DEFAULTS] = tuple(tries[name][0] for name in _IN_TURN)
    measured = {name: is_measured for name, (_, is_measured) in closest.items()}
    return Attempts(held, too_far, scenarios, tries, measured)


def with_softmax(gains: FloatArray) -> FloatArray:
    """Return gains of settings in scenarios with a last column for plain softmax, which is 0."""
    return np.hstack([gains, np.zeros((len(gains), 1))])


@dataclass(frozen=True)
class FittedAdaCos:
    """Normalized softmax at c · AdaCos' scale: the gains of all known tasks for each c."""

    gains: FloatArray

    @classmethod
    def of(cls, knowledge: Knowledge) -> "FittedAdaCos":
        """Return the gains of all tasks at each of the factors, ``[T, factors]``."""
        responses, rows = knowledge.responses, []
        mean = responses.pooled()
        for number, classes in enumerate(knowledge.tasks["num_classes"]):
            scale = _FACTORS * fixed_adacos_scale(int(classes))
            settings = pd.DataFrame({"m1": 1.0, "m2": 0.0, "m3": 0.0, "scale": scale, "lr": 1e-3})
            rows.append(responses.of_task(number, points_with_rate(settings), mean))
        return cls(responses.compression.decompress(np.array(rows)))

    def setting(self, knowledge: Knowledge, held: HeldOut) -> Setting:
        """Return the setting with the factor that is best on the usable tasks."""
        mean = votes(knowledge.stack.places.source) @ self.gains[knowledge.stack.known]
        adacos = fixed_adacos_scale(int(held.task["num_classes"].iloc[0]))
        return Setting("normalized-softmax", scale=float(_FACTORS[mean.argmax()] * adacos))


def _formulas(held: HeldOut) -> dict[str, Setting]:
    row = held.task.iloc[0]
    named = baselines(int(row["num_classes"]), int(row["embedding"]), lr=1e-3, weight_decay=0.0)
    return {PLAIN_SOFTMAX: named.pop(PLAIN_SOFTMAX), **named}


def _of_nearest(knowledge: Knowledge, held: HeldOut, distance: FloatArray) -> tuple[int, ...]:
    """Return the best measured settings of the nearest tasks, one for each data set."""
    ranked = knowledge.known.assign(distance=distance).sort_values(["distance", "id"])
    nearest = ranked.drop_duplicates("dataset")["id"].head(MOST)
    gains = knowledge.gains
    best = [best_measured(gains[gains["task"] == task]) for task in nearest]
    return tuple(held.closest(setting)[0] for setting in best)
