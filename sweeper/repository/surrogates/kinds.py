"""The kinds of surrogates, and those that the evaluation compares."""

from sweeper.repository.surrogates.constant import Constant
from sweeper.repository.surrogates.gaussian_process import GaussianProcess
from sweeper.repository.surrogates.nearest import NearestTasks
from sweeper.repository.surrogates.ridge import Ridge
from sweeper.repository.surrogates.surrogate import Surrogate
from sweeper.repository.surrogates.trees import ExtraTrees

#: All kinds by name.
KINDS: dict[str, type[Surrogate]] = {
    "constant": Constant,
    "nearest tasks": NearestTasks,
    "ridge": Ridge,
    "extra trees": ExtraTrees,
    "gaussian process": GaussianProcess,
}

#: The candidates of the evaluation, simplest first.
SURROGATES: tuple[Surrogate, ...] = (
    Constant(),
    NearestTasks(reach=0.5),
    NearestTasks(reach=1.0),
    Ridge(components=2),
    Ridge(components=8),
    ExtraTrees(),
    GaussianProcess(),
)
