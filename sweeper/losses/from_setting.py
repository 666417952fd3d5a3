"""From a setting to the loss that it stands for."""

from collections.abc import Callable

from torch import nn

from sweeper.losses.arcface import ArcFaceLoss
from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.cosface import CosFaceLoss
from sweeper.losses.normalised_softmax import NormalisedSoftmaxLoss
from sweeper.losses.softmax import SoftmaxLoss
from sweeper.losses.sphereface import SphereFaceLoss
from sweeper.setting import LOSSES, Setting

#: Each takes the sizes, then its margins and its scale in the order of `sweeper.setting.LOSSES`.
_MODULES: dict[str, Callable[..., nn.Module]] = {
    "softmax": SoftmaxLoss,
    "normalised-softmax": NormalisedSoftmaxLoss,
    "sphereface": SphereFaceLoss,
    "cosface": CosFaceLoss,
    "arcface": ArcFaceLoss,
    "combined": CombinedMarginLoss,
}


def make_loss(setting: Setting, num_classes: int, embedding_size: int) -> nn.Module:
    """Return the loss of a setting, with its margins and its scale.

    The learning rate and the weight decay of the setting are the optimiser's.

    Args:
        setting: of any loss in `sweeper.setting.LOSSES`.
        num_classes: C, at least 2.
        embedding_size: d, of the features.

    Returns:
        A module called as ``loss(features [B, d], labels [B])``, with class weights ``[C, d]``.

    Raises:
        ValueError: a size is too small.
    """
    own = (getattr(setting, name) for name in LOSSES[setting.loss])
    return _MODULES[setting.loss](num_classes, embedding_size, *own)
