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
    """

    name: str
    maker: str
    about: str


#: Prunes nothing; where the user names none.
NO_PRUNER = "none"

_RECORDS = (
    PrunerInfo(NO_PRUNER, "sweeper.study.pruners:make_none", "every trial is trained to its end"),
    PrunerInfo("median", "sweeper.study.pruners:make_median", "below the median at a rung"),
    PrunerInfo("halving", "sweeper.study.pruners:make_halving", "successive halving"),
    PrunerInfo("hyperband", "sweeper.study.pruners:make_hyperband", "Hyperband"),
)

#: Every pruner by its name, in the order of messages.
PRUNERS: dict[str, PrunerInfo] = {record.name: record for record in _RECORDS}
