"""Surrogates: models of the gain as a function of setting and task, one kind per file."""

from sweeper.repository.surrogates.constant import Constant
from sweeper.repository.surrogates.gaussian_process import GaussianProcess
from sweeper.repository.surrogates.kinds import KINDS, SURROGATES
from sweeper.repository.surrogates.nearest import NearestTasks
from sweeper.repository.surrogates.ridge import Ridge
from sweeper.repository.surrogates.surrogate import Fitted, Surrogate
from sweeper.repository.surrogates.trees import ExtraTrees

__all__ = [
    "KINDS",
    "SURROGATES",
    "Constant",
    "ExtraTrees",
    "Fitted",
    "GaussianProcess",
    "NearestTasks",
    "Ridge",
    "Surrogate",
]
