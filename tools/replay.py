"""Replays searches on the known tasks, each with its source left out, and fills the page of it.

``python -m tools.replay`` simulates every sampler on one task of each source and writes the tables
of docs/results/search.md; ten minutes on one core. Nothing is trained: a trial's value is what the
surrogate of the task's own measurements says, with the noise of its seeds.
"""

import argparse
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
from optuna.exceptions import ExperimentalWarning
from scipy.stats import qmc

from sweeper.registry.setting import Setting
from sweeper.repository.evaluation.held_out import HeldOut
from sweeper.repository.evaluation.paired_tests import mean_over_sources
from sweeper.repository.evaluation.regret import held_out_tasks
from sweeper.repository.sources import shipped, stored_choice
from sweeper.repository.surrogates.coordinates import Compression, FloatArray, points_with_rate
from sweeper.repository.surrogates.knowledge import Knowledge, learned
from sweeper.repository.surrogates.scenarios import Scenarios
from sweeper.repository.surrogates.shortlist import shortlist
from sweeper.study.distributions import distributions, searched
from sweeper.study.samplers.make import make_sampler
from sweeper.study.samplers.transfer import TransferSampler
from sweeper.study.space.default_space import default_space
from sweeper.study.study_file import StudySpec
from tools.pages import fill, markdown

PAGE = Path(__file__).parents[1] / "docs" / "results" / "search.md"
OBJECTIVES = ("accuracy", "retrieval")

#: Trials of a search, how many are asked for at once, and after how many regrets are shown.
TRIALS, AT_ONCE = 60, 6
SHOWN = (1, 3, 5, 8, 12, 20, 30, 60)

#: Seeds of a trial.
_SEEDS = 4

#: What `sweeper run --sampler transfer` does.
OURS = "transfer, shortlist first"

#: What is compared: the sampler, and whether the shortlist is queued first.
METHODS = {
    "random": ("random", False),
    "TPE": ("tpe", False),
    "Gaussian process": ("gp", False),
    "TPE, shortlist first": ("tpe", True),
    OURS: ("transfer", True),
    "transfer, nothing first": ("transfer", False),
}

#: The fewest settings that a task must be measured with to be searched.
_FEWEST = 40


_Rows = Sequence[dict[str, float]]


@dataclass(frozen=True)
class Known:
    """What is known of a task by those of other sources."""

    knowledge: Knowledge
    held: HeldOut

    @property
    def compression(self) -> Compression:
        """The compression of gains."""
        return self.knowledge.responses.compression

    def scenarios(self, rows: pd.DataFrame) -> Scenarios:
        """Return what settings may gain."""
        asked = self.knowledge.place(self.held.task, self.held.tuned)
        return self.knowledge.foreseen(rows, self.held.task, asked)


@dataclass(frozen=True)
class Replayed:
    """One search: true gains of its trials in order, those that were seen, and where it settled."""

    true: FloatArray
    seen: FloatArray
    settled: int | None

    def reached(self, trials: int) -> float:
        """Return the true gain of the best of the first trials by what was seen of them."""
        return float(self.true[int(self.seen[:trials].argmax())])


def replay(
    method: str, gains: Callable[[_Rows], FloatArray], known: Known, noise: float, seed: int
) -> Replayed:
    """Search with one of `METHODS`.

    Args:
        method: its name.
        gains: the true gains of parameters.
        known: what other sources say of the task.
        noise: standard deviation of a trial's value, over its seeds.
        seed: of the noise and the sampler.
    """
    name, with_shortlist = METHODS[method]
    rate = float(known.held.settings["lr"].iloc[0])
    content: dict[str, Any] = {"name": "replay", "dataset": "digits", "sampler": name}
    content |= {"loss": "combined"}
    content |= {"space": default_space("combined"), "fixed": {"lr": rate}, "seed": seed}
    spec = StudySpec.from_content(content, "replay")
    study = optuna.create_study(direction="maximize", sampler=make_sampler(spec, 0, lambda: known))
    for point in _shortlist(spec, known) if with_shortlist else ():
        study.enqueue_trial(point)
    random, settled = np.random.default_rng(seed), None
    true: list[float] = []
    seen: list[float] = []
    while len(true) < TRIALS:
        for trial in [study.ask(distributions(spec)) for _ in range(AT_ONCE)]:
            gain = float(gains([trial.params])[0])
            values = gain + random.normal(0, noise * np.sqrt(_SEEDS), _SEEDS)
            trial.set_user_attr("accuracy of each seed", values.tolist())
            study.tell(trial, float(values.mean()))
            true.append(gain)
            seen.append(float(values.mean()))
        if settled is None and isinstance(study.sampler, TransferSampler):
            outlook = study.sampler.outlook(study)
            settled = len(true) if outlook is not None and outlook.settled else None
    return Replayed(np.array(true), np.array(seen), settled)


def gains_of(knowledge: Knowledge, number: int, rate: float) -> Callable[[_Rows], FloatArray]:
    """Return the gains of parameters on a known task, by the surrogate of its own measurements."""
    responses = knowledge.responses

    def gains(params: _Rows) -> FloatArray:
        points = points_with_rate(pd.DataFrame(params).assign(lr=rate))
        compressed = responses.of_task(number, points, knowledge.stack.mean)
        return responses.compression.decompress(compressed)

    return gains


def one_of_each_source(knowledge: Knowledge) -> list[int]:
    """Return the numbers of tasks to search: of each source the one with the most settings."""
    sizes = [0 if each is None else len(each.settings) for each in held_out_tasks(knowledge)]
    source = knowledge.responses.source
    found = []
    for each in np.unique(source):
        largest = max(map(int, np.flatnonzero(source == each)), key=lambda number: sizes[number])
        if sizes[largest] >= _FEWEST:
            found.append(largest)
    return found


def best_of(gains: Callable[[_Rows], FloatArray]) -> float:
    """Return the largest gain over the space of the combined loss, of 4,096 points."""
    space = default_space("combined")
    names = list(space)
    shares = qmc.Sobol(len(names), rng=0).random(4096)
    low, high = (np.array([space[name][end] for name in names]) for end in ("low", "high"))
    log = np.array([space[name].get("log", False) for name in names])
    straight = low + shares * (high - low)
    curved = low * (high / np.where(log, low, high)) ** shares
    values = np.where(log, curved, straight)
    return float(gains([dict(zip(names, row, strict=True)) for row in values.tolist()]).max())


def replays(objective: str, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Search one task of each source with every method.

    Returns:
        Regrets after `SHOWN` trials, in points, a row for each method and source; and where the
        transfer sampler settled, with its regret there.
    """
    choice = stored_choice(objective, None)
    fitted = () if choice is None else (choice.smooth, choice.share)
    knowledge = learned(shipped(), objective, *fitted)
    held, source = held_out_tasks(knowledge), knowledge.responses.source
    regrets, ends = [], []
    for number in one_of_each_source(knowledge):
        own = held[number]
        assert own is not None  # only such tasks are searched
        known = Known(knowledge.without(source == source[number]), own)
        gains = gains_of(knowledge, number, float(own.settings["lr"].iloc[0]))
        noise = float(np.median(own.se))
        found = {method: replay(method, gains, known, noise, seed) for method in METHODS}
        best = max(best_of(gains), *(float(each.true.max()) for each in found.values()))
        for method, each in found.items():
            row: dict[Any, Any] = {k: 100 * (best - each.reached(k)) for k in SHOWN}
            regrets.append({"method": method, "source": source[number], **row})
            if method == OURS and each.settled is not None:
                regret = 100 * (best - each.reached(each.settled))
                ends.append({"source": source[number], "trials": each.settled, "regret": regret})
    return pd.DataFrame(regrets), pd.DataFrame(ends)


def table(regrets: pd.DataFrame) -> str:
    """Return the mean regrets over sources, ± standard error."""
    rows = []
    for method, own in regrets.groupby("method", sort=False):
        means = [mean_over_sources(own[k].to_numpy(float)) for k in SHOWN]
        rows.append([str(method), *(f"{mean.mean:.1f} ± {mean.se:.1f}" for mean in means)])
    return markdown(["trials", *map(str, SHOWN)], rows)


def settled_line(ends: pd.DataFrame, tasks: int) -> str:
    """Return where searches settled, as a sentence."""
    mean = mean_over_sources(ends["regret"].to_numpy(float))
    low, middle, high = (int(ends["trials"].quantile(q)) for q in (0.1, 0.5, 0.9))
    return (
        f"{len(ends)} of {tasks} searches settled, after {middle} trials in the middle ({low} to "
        f"{high} for eight in ten), {mean.mean:.1f} ± {mean.se:.1f} points below the best."
    )


def main() -> None:
    """Fill the page."""
    argparse.ArgumentParser(
        prog="python -m tools.replay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    contents = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        for objective in OBJECTIVES:
            regrets, ends = replays(objective)
            tasks = regrets["source"].nunique()
            contents[objective] = f"{table(regrets)}\n\n{settled_line(ends, tasks)}"
    fill(PAGE, contents)


def _shortlist(spec: StudySpec, known: Known) -> list[dict[str, float]]:
    """Return the shortlist as points of a study's space."""
    settings = known.held.settings
    scenarios = known.scenarios(settings)
    positions = shortlist(scenarios.gains, scenarios.probability).positions
    names = ["m1", "m2", "m3", "scale"]
    rows = settings.iloc[list(positions)][names].to_numpy(float).tolist()
    chosen = [Setting.of("combined", dict(zip(names, row, strict=True))) for row in rows]
    return [searched(spec, setting) for setting in chosen]


if __name__ == "__main__":
    main()
