"""What came out on a task: the regret of every method, and differences to plain softmax."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweeper.registry.setting import Setting
from sweeper.repository.baselines import PLAIN_SOFTMAX
from tools.proof.answers import TRIES, Answer
from tools.proof.experiments import FloatArray, Measured, softmaxes
from tools.proof.regrets import Estimate, best, best_of_random, estimate
from tools.proof.tasks import ProofTask

#: Methods beside the baselines.
OURS, RANDOM_SEARCH = "sweeper recommend", "random search"

#: A task counts as lost where the answer is surely further below plain softmax.
POINT = 0.01


@dataclass(frozen=True)
class Regrets:
    """How far a method stays below the best known, as a share; None where it has no such answer."""

    one: float | None
    three: float | None


@dataclass(frozen=True)
class Outcome:
    """A task with its answer and all that was measured on it.

    Attributes:
        task: the task.
        answer: what was asked before.
        measured: all settings.
        drawn: those that were drawn at random.
    """

    task: ProofTask
    answer: Answer
    measured: Measured
    drawn: Sequence[Setting]

    @property
    def best_known(self) -> float:
        """The score of the best of all settings, see `best`."""
        return best(self.measured.scores)

    def regrets(self) -> dict[str, Regrets]:
        """Return the regrets by method: at one try, and at three where it has as many answers.

        Plain softmax has its three rates to try, and the middle one at one try.
        """
        plain, ours, chance = softmaxes(), self.answer.shortlist, self.measured.of(self.drawn)
        top = self.best_known

        def after(settings: Sequence[Setting]) -> float:
            return top - best(self.measured.of(settings))

        methods = {
            OURS: Regrets(after(ours[:1]), after(ours)),
            PLAIN_SOFTMAX: Regrets(after(plain[1:2]), after(plain)),
            RANDOM_SEARCH: Regrets(
                top - best_of_random(chance, 1), top - best_of_random(chance, TRIES)
            ),
        }
        for name, setting in self.answer.baselines.items():
            methods.setdefault(name, Regrets(after([setting]), None))
        return methods

    @property
    def best_softmax(self) -> Setting:
        """Plain softmax at its best rate, by all seeds, which flatters it."""
        plain = softmaxes()
        means = self.measured.of(plain).mean(axis=1)
        return plain[int(means.argmax())]

    def against_softmax(self, setting: Setting) -> Estimate:
        """Return the difference to plain softmax at its best rate, paired by seed."""
        ours, plain = self.scores(setting), self.scores(self.best_softmax)
        return estimate(ours - plain)

    @property
    def surely_below(self) -> bool:
        """Whether the recommended setting is surely more than a point below plain softmax."""
        return self.against_softmax(self.answer.shortlist[0]).high < -POINT

    def scores(self, setting: Setting) -> FloatArray:
        """Return the scores of a setting, ``[seeds]``."""
        scores: FloatArray = self.measured.of([setting])[0]
        return scores

    def rows(self) -> list[tuple[str, Setting]]:
        """Return what is told one by one, each setting once under all of its names."""
        top = self.measured.settings[int(self.measured.scores.mean(axis=1).argmax())]
        named: dict[Setting, list[str]] = {}
        rates = {f"{PLAIN_SOFTMAX}, lr {each.lr:g}": each for each in softmaxes()}
        for name, setting in {**self.answer.named(), **rates, "best of all": top}.items():
            named.setdefault(setting, []).append(name)
        return [(", ".join(names), setting) for setting, names in named.items()]


def over_tasks(outcomes: Sequence[Outcome], tries: int) -> Mapping[str, Estimate]:
    """Return the mean regret by method over the tasks, for methods that every task has.

    Args:
        outcomes: one for each task; no two are of one source.
        tries: one or three.
    """
    every = [
        {name: own.one if tries == 1 else own.three for name, own in each.regrets().items()}
        for each in outcomes
    ]
    means = {}
    for name in every[0]:
        values = [value for own in every if (value := own.get(name)) is not None]
        if len(values) == len(every):
            means[name] = estimate(np.array(values))
    return means
