"""The scores of samples for their own class."""

from torch import Tensor

from sweeper.losses.tensors import label_error


def target_scores(scores: Tensor, targets: Tensor) -> Tensor:
    """Return each sample's score for its own class.

    Args:
        scores: ``[.., B, C]``.
        targets: ``[.., B, 1]``, class numbers, int64.

    Returns:
        The scores ``[.., B, 1]``.

    Raises:
        ValueError: on the CPU, a target has no class.
    """
    try:
        return scores.gather(-1, targets)
    except RuntimeError as error:
        if "out of bounds" not in str(error):
            raise
        raise label_error(scores) from error
