"""What proposes the next trials: one record each. To add a sampler is a function and a record."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SamplerInfo:
    """What is known of a sampler without importing Optuna.

    Attributes:
        name: what a study file calls it.
        maker: the function that returns Optuna's sampler from a `Proposing`, as
            ``package.module:name``.
        about: what it is, in one line.
        learns: whether it learns from trials that are finished. What is asked of it at once cannot
            learn from one another, so that an array then takes few trials.
        grid: whether it works through a grid, whose points are shared out among the workers.
        most_objectives: how many objectives it takes, None for any number.
        searches: whether it searches a space; else it has what an experiment lists.
    """

    name: str
    maker: str
    about: str
    learns: bool = False
    grid: bool = False
    most_objectives: int | None = None
    searches: bool = True


_MODULE = "sweeper.study.samplers"
_RECORDS = (
    SamplerInfo("tpe", f"{_MODULE}.tpe:make_tpe", "tree of Parzen estimators", learns=True),
    SamplerInfo(
        "transfer",
        f"{_MODULE}.transfer:make_transfer",
        "Gaussian processes around what the repository predicts",
        learns=True,
        most_objectives=1,
    ),
    SamplerInfo("gp", f"{_MODULE}.others:make_gp", "Gaussian process", learns=True),
    SamplerInfo("qmc", f"{_MODULE}.others:make_qmc", "a scrambled Sobol sequence"),
    SamplerInfo("random", f"{_MODULE}.others:make_random", "independent draws"),
    SamplerInfo("grid", f"{_MODULE}.grid:make_grid", "every point of a grid", grid=True),
    SamplerInfo("nsga2", f"{_MODULE}.others:make_nsga2", "a genetic algorithm", learns=True),
    SamplerInfo(
        "settings",
        f"{_MODULE}.others:make_settings",
        "the settings of an experiment, as they stand",
        searches=False,
    ),
)

#: Every sampler by its name, in the order of messages.
SAMPLERS: dict[str, SamplerInfo] = {record.name: record for record in _RECORDS}

#: Where the user names none, of a search and of an experiment.
DEFAULT_SAMPLER, EXPERIMENT_SAMPLER = "tpe", "settings"
#: Of a search that the repository can say something about.
KNOWING_SAMPLER = "transfer"


def search_samplers() -> list[str]:
    """Return the names of those that search a space."""
    return [name for name, info in SAMPLERS.items() if info.searches]
