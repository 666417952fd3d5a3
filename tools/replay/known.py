"""What a replayed search knows of its task: what other sources say."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.surrogates.coordinates import Compression, FloatArray
from sweeper.repository.surrogates.knowledge import Knowledge
from sweeper.repository.surrogates.scenarios import Scenarios
from sweeper.repository.surrogates.shortlist import shortlist
from sweeper.study.distributions import searched
from sweeper.study.study_file import StudySpec

MARGINS = ["m1", "m2", "m3", "scale"]


@dataclass(frozen=True)
class Known:
    """What is known of a task by those of other sources."""

    knowledge: Knowledge
    held: HeldOut

    @property
    def rate(self) -> float:
        """The learning rate that the task was measured at."""
        return float(self.held.settings["lr"].iloc[0])

    @property
    def compression(self) -> Compression:
        """The compression of gains."""
        return self.knowledge.responses.compression

    def scenarios(self, rows: pd.DataFrame) -> Scenarios:
        """Return what settings may gain."""
        asked = self.knowledge.place(self.held.task, self.held.tuned)
        return self.knowledge.foreseen(rows, self.held.task, asked)

    def shortlist(self, spec: StudySpec) -> list[dict[str, float]]:
        """Return the shortlist as points of a study's space, of what the task was measured with."""
        settings = self.held.settings
        scenarios = self.scenarios(settings)
        positions = shortlist(scenarios.gains, scenarios.probability).positions
        rows = settings.iloc[list(positions)][MARGINS].to_numpy(float).tolist()
        chosen = [Setting.of("combined", dict(zip(MARGINS, row, strict=True))) for row in rows]
        return [searched(spec, setting) for setting in chosen]

    @cached_property
    def elsewhere(self) -> pd.DataFrame:
        """The settings that other sources' tasks were measured with, each once, at the rate."""
        gains = self.knowledge.gains
        others = gains[
            gains["task"].isin(self.knowledge.known["id"]) & (gains["loss"] != "softmax")
        ]
        return others[MARGINS].drop_duplicates().reset_index(drop=True).assign(lr=self.rate)

    @cached_property
    def gains_elsewhere(self) -> FloatArray:
        """The gains of these on each of other sources' tasks, by its own measurements, ``[K, n]``.

        Where a task was not measured with one, its surrogate stands in.
        """
        return self.knowledge.unrelated(self.elsewhere).gains
