"""What ends trials early: one record each. To add a pruner is a function and a record."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PrunerInfo:
    """What is known of a pruner without importing Optuna.

    Attributes:
        name: what a study file calls it.
        maker: the function that returns Optuna's pruner from a `StudySpec`, as
            ``package.module:name``.
        about: what it is, in one line.
        fewest_seeds: of a trial, for it to tell anything.
    """

    name: str
    maker: str
    about: str
    fewest_seeds: int = 1


#: Where a study file names none, so that every curve is whole; and of the search of a data set.
NO_PRUNER, SEARCH_PRUNER = "none", "racing"

_MAKE = "sweeper.study.pruners.make"
_RECORDS = (
    PrunerInfo(NO_PRUNER, f"{_MAKE}:make_none", "every trial is trained to its end"),
    PrunerInfo(
        SEARCH_PRUNER,
        "sweeper.study.pruners.racing:make_racing",
        "what its seeds tell apart from the best at a rung",
        fewest_seeds=2,
    ),
    PrunerInfo("median", f"{_MAKE}:make_median", "what is below the median at a rung"),
    PrunerInfo("halving", f"{_MAKE}:make_halving", "successive halving"),
    PrunerInfo("hyperband", f"{_MAKE}:make_hyperband", "Hyperband"),
)

#: Every pruner by its name, in the order of messages.
PRUNERS: dict[str, PrunerInfo] = {record.name: record for record in _RECORDS}
