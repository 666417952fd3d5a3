"""Sub-centers: several weights a class, of which the nearest counts."""

from torch import Tensor, nn

from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.init import class_parameter


def subcenter_parameter(
    leading: tuple[int, ...], num_classes: int, subcenters: int, embedding_size: int
) -> nn.Parameter:
    """Return a new weight ``[.., C, d]`` for S = 1, or ``[.., C, S, d]``.

    Raises:
        ValueError: there is not at least one sub-center.
    """
    if subcenters < 1:
        raise ValueError(f"subcenters must be at least 1, got {subcenters}")
    each = () if subcenters == 1 else (subcenters,)
    return class_parameter(embedding_size, *leading, num_classes, *each, embedding_size)


def nearest_cosine(features: Tensor, weight: Tensor, subcenters: int) -> Tensor:
    """Return the cosine between features and the nearest weight of each class.

    Deng et al. 2020, 'Sub-center ArcFace', section 3: the largest of a class's S cosines, which
    noisy and hard samples thereby leave to those that are not. The gradient goes to the nearest
    weight alone (to equal parts where several are equally near).

    Args:
        features: ``[.., B, d]``.
        weight: ``[.., C, d]`` for S = 1, else ``[.., C, S, d]``.
        subcenters: S.

    Returns:
        The cosines ``[.., B, C]``, float32 or float64.

    Raises:
        ValueError: the shapes do not fit.
    """
    if subcenters == 1:
        return cosine_similarity(features, weight)
    cosine = cosine_similarity(features, weight.flatten(-3, -2))
    classes = cosine.shape[-1] // subcenters
    return cosine.reshape(*cosine.shape[:-1], classes, subcenters).amax(-1)
