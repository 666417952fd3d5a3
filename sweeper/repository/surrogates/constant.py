"""The constant surrogate: a setting has the same gain on every task."""

from dataclasses import dataclass
from typing import ClassVar

from sweeper.repository.surrogates.basis import Basis
from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray
from sweeper.repository.surrogates.linear import Posterior, fit_linear


@dataclass(frozen=True)
class Constant:
    """A smooth function of only the setting; tasks deviate from it at random."""

    kind: ClassVar[str] = "constant"

    def fit(self, rows: DesignRows) -> "FittedConstant":
        """Fit to all rows."""
        basis = Basis.over(rows.points)
        return FittedConstant(basis, fit_linear(basis.of(rows.points), rows, basis.prior))


@dataclass(frozen=True)
class FittedConstant:
    """The fitted surrogate."""

    basis: Basis
    posterior: Posterior

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of each row's gain."""
        return self.posterior.predict(self.basis.of(rows.points))
