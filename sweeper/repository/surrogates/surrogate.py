"""The protocol of all surrogates."""

from typing import ClassVar, Protocol

from sweeper.repository.surrogates.design_matrix import DesignRows, FloatArray


class Fitted(Protocol):
    """A fitted surrogate."""

    def predict(self, rows: DesignRows) -> tuple[FloatArray, FloatArray]:
        """Return the mean and the standard deviation of the gain of each row, ``[n]``.

        Both are compressed. The deviation is that of the true gain on a new task: the uncertainty
        of the surrogate and the variation between similar tasks, without measurement noise.
        """
        ...


class Surrogate(Protocol):
    """A kind of surrogate with a few hyperparameters: a frozen dataclass of plain numbers."""

    kind: ClassVar[str]

    def fit(self, rows: DesignRows) -> Fitted:
        """Fit to at least one row; except for rounding, the order does not matter."""
        ...

    def __hash__(self) -> int: ...
