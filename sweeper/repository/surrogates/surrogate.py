"""What every kind of surface can do."""

from typing import ClassVar, Protocol

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray


class Fitted(Protocol):
    """A surface that was fitted."""

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return the mean and the standard deviation of the gain of each row, ``[n]``.

        Both compressed. The deviation is that of the true gain on a new task: what the surface does
        not know, and by how much tasks differ that look alike; not the noise of a measurement.
        """
        ...


class Surrogate(Protocol):
    """A kind of surface with its few hyperparameters: a frozen dataclass of plain numbers."""

    kind: ClassVar[str]

    def fit(self, rows: DesignRows) -> Fitted:
        """Fit to at least one row, whose order makes no difference but for rounding."""
        ...

    def __hash__(self) -> int: ...
