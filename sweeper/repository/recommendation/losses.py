"""The losses compared: what each can be set to, and what is expected of it at its best."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeper.registry.losses import repository_losses
from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.beside import with_lambda
from sweeper.repository.recommendation.candidates import rows_of
from sweeper.repository.recommendation.context import named_settings
from sweeper.repository.recommendation.expressible import is_expressible
from sweeper.repository.recommendation.gain import LossGain
from sweeper.repository.recommendation.query import Query
from sweeper.repository.recommendation.recommendation import ToTry
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.repository.surrogates.shortlist import shortlist, worthwhile


@dataclass(frozen=True, eq=False)
class Contender:
    """A loss with the settings that it may be set to.

    Attributes:
        query: the query, about this loss.
        named: the baselines that the loss can express.
        rows: the candidates at each rate, one row each.
        gains: of these in scenarios, ``[K, n]``.
        probability: of the scenarios, ``[K]``.
    """

    query: Query
    named: Mapping[str, Setting]
    rows: pd.DataFrame
    gains: FloatArray
    probability: FloatArray

    @property
    def best(self) -> Setting | None:
        """The candidate with the largest expected gain, without a term; None without candidates."""
        if self.rows.empty:
            return None
        return self.query.setting(self.rows.iloc[int((self.probability @ self.gains).argmax())])


def contenders(query: Query, nearest: Setting) -> dict[str, Contender]:
    """Return every loss with margins or a scale that the repository knows, simplest first.

    The best of a loss is a candidate of all that can express it, so that none of these is expected
    to gain less.

    Args:
        query: about any of them.
        nearest: the best setting of the nearest task.
    """
    found: dict[str, Contender] = {}
    for loss in (name for name, info in repository_losses().items() if info.margins):
        own = query.of_loss(loss)
        named = named_settings(own, nearest)
        simpler = (each.best for each in found.values())
        others = [each for each in (*named.values(), *simpler) if each is not None]
        found[loss] = _contender(own, named, others)
    return found


def of_softmax(query: Query, nearest: Setting) -> Contender:
    """Return plain softmax as a contender, which has no candidates."""
    return _contender(query, named_settings(query, nearest), [])


def _contender(query: Query, named: Mapping[str, Setting], others: list[Setting]) -> Contender:
    own = [
        each for each in others if each.loss != "softmax" and is_expressible(each, query.space.loss)
    ]
    rows = query.space.candidates(rows_of(own))
    if rows.empty:
        return Contender(query, named, rows, np.zeros((0, 0)), np.zeros(0))
    rows = pd.concat([rows.assign(lr=rate) for rate in query.rates()], ignore_index=True)
    scenarios = query.scenarios(rows)
    return Contender(query, named, rows, scenarios.gains, scenarios.probability)


def compared(query: Query, found: Mapping[str, Contender]) -> tuple[LossGain, ...]:
    """Return the best setting of each loss, without terms, the largest gain first.

    Of equal ones the simplest is first. A loss of which nothing was measured is not among them.
    """
    best = [query.plain(), *(each.best for each in found.values())]
    settings = [each for each in best if each is not None]
    losses = [LossGain(*each) for each in zip(settings, query.gains(settings), strict=True)]
    # Rounding must not decide between equal ones.
    return tuple(sorted(losses, key=lambda each: -round(each.gain.mean, 9)))


def to_try(contender: Contender) -> tuple[ToTry, ...]:
    """Return the settings to try: those of a loss, and plain softmax, with the recommended terms.

    Which loss and margins are chosen without terms: what these gain was measured beside one loss at
    one learning rate each, and cannot be held against gains over softmax at its best rate.
    """
    query, rows = contender.query, contender.rows
    beside, plain = query.beside, query.plain()
    if rows.empty:
        return _of_softmax(query, plain)
    gains = np.hstack([contender.gains, np.zeros((len(contender.gains), 1))])
    chosen = worthwhile(shortlist(gains, contender.probability))
    tried = zip(chosen.positions, chosen.regrets, strict=True)
    found = (
        (plain if position == len(rows) else query.setting(rows.iloc[position]), regret)
        for position, regret in tried
    )
    return tuple(ToTry(beside.with_term(setting), regret) for setting, regret in found)


def _of_softmax(query: Query, plain: Setting) -> tuple[ToTry, ...]:
    """Return plain softmax with the λ to try of the term that is best beside it."""
    advice = query.beside.recommended(plain)
    if advice is None:
        advice = max(query.beside.softmax, key=lambda each: each.most, default=None)
    if advice is None or not advice.to_try:
        return (ToTry(plain, 0.0),)
    return tuple(
        ToTry(with_lambda(plain, advice.term, value), regret) for value, regret in advice.to_try
    )
