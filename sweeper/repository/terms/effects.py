"""A term beside one loss: its gains on the known tasks that it was measured on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeper.registry.setting import Setting
from sweeper.repository.columns import SETTING
from sweeper.repository.gains import TooLittleError
from sweeper.repository.records import setting_of
from sweeper.repository.surrogates.coordinates import FloatArray
from sweeper.repository.surrogates.knowledge import Knowledge

#: With fewer sources nothing can be said of another one.
MIN_SOURCES = 3


@dataclass(frozen=True, eq=False)
class Effects:
    """What each λ of a term gained over the loss alone.

    Attributes:
        term: name of the term.
        beside: the loss that it was measured beside, with its margins and learning rate.
        lambdas: ascending, ``[L]``.
        tasks: which of the knowledge's tasks have it, ``[T]``; t of them.
        source: numbers of their sources, ``[t]``.
        gain, se: mean over seeds and its standard error, ``[t, L]``.
        half_a, half_b: the gains on either half of the seeds, ``[t, L]``.
    """

    term: str
    beside: Setting
    lambdas: FloatArray
    tasks: NDArray[np.bool_]
    source: NDArray[np.int64]
    gain: FloatArray
    se: FloatArray
    half_a: FloatArray
    half_b: FloatArray

    @classmethod
    def of(
        cls, gains: pd.DataFrame, knowledge: Knowledge, term: str, with_margins: bool
    ) -> "Effects":
        """Return what is known of a term beside plain softmax, or beside a loss with margins.

        Args:
            gains: of one objective, see `terms.gains.term_gains`.
            knowledge: of the same objective.
            term: name of the term.
            with_margins: whether the loss has margins.

        Raises:
            TooLittleError: fewer than three sources have it.
        """
        ids = list(knowledge.responses.tasks)
        rows = gains[(gains["term"] == term) & ((gains["loss"] != "softmax") == with_margins)]
        rows = rows[rows["task"].isin(ids)]
        wide = rows.pivot_table(index="task", columns="lambda", values="gain", sort=True)
        # A λ that few tasks have must not cost all others.
        wide = wide.dropna(axis=1, thresh=(len(wide) + 1) // 2).dropna()
        tasks = np.isin(ids, wide.index)
        source = knowledge.responses.source[tasks]
        if (number := len(set(source))) < MIN_SOURCES:
            loss = "a loss with margins" if with_margins else "plain softmax"
            raise TooLittleError(
                f"{term} beside {loss} was measured on {number} of the {MIN_SOURCES} sources that "
                "it takes to recommend its λ"
            )
        order = [ids[number] for number in np.flatnonzero(tasks)]

        def measured(column: str) -> FloatArray:
            table = rows.pivot_table(index="task", columns="lambda", values=column)
            return table.loc[order, wide.columns].to_numpy(float)

        return cls(
            term,
            setting_of(rows[list(SETTING)].iloc[0].to_dict()),
            wide.columns.to_numpy(float),
            tasks,
            source,
            *map(measured, ("gain", "se", "gain_a", "gain_b")),
        )
