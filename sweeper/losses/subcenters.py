"""Sub-centers: several weights per class, of which the nearest is used."""

from torch import Tensor, nn

from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.init import class_parameter


def subcenter_parameter(
    leading: tuple[int, ...], num_classes: int, subcenters: int, embedding_size: int
) -> nn.Parameter:
    """Return a new weight ``[.., C, d]`` for S = 1, or ``[.., C, S, d]``.

    Raises:
        ValueError: `subcenters` is less than 1.
    """
    if subcenters < 1:
        raise ValueError(f"subcenters must be at least 1, got {subcenters}")
    extra_axis = () if subcenters == 1 else (subcenters,)
    return class_parameter(embedding_size, *leading, num_classes, *extra_axis, embedding_size)


def nearest_cosine(features: Tensor, weight: Tensor, subcenters: int) -> Tensor:
    """Return the cosine between features and the nearest weight of each class.

    Deng et al. 2020, 'Sub-center ArcFace', section 3: the largest of the S cosines per class, so
    that noisy and hard samples can gather at sub-centers of their own. Only the nearest weight gets
    a gradient; several equally near weights share it equally.

    Args:
        features: ``[.., B, d]``.
        weight: ``[.., C, d]`` for S = 1, else ``[.., C, S, d]``.
        subcenters: S.

    Returns:
        The cosines ``[.., B, C]``, float32 or float64.

    Raises:
        ValueError: the shapes do not match.
    """
    if subcenters == 1:
        return cosine_similarity(features, weight)
    cosine = cosine_similarity(features, weight.flatten(-3, -2))
    classes = cosine.shape[-1] // subcenters
    return cosine.reshape(*cosine.shape[:-1], classes, subcenters).amax(-1)
