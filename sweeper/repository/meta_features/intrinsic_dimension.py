"""How many dimensions the images really fill."""

import numpy as np

from sweeper.repository.meta_features.thumbnails import Vectors

#: The estimate is averaged over this many neighbors, from the first number to the second.
NEAREST_NEIGHBOR, FARTHEST_NEIGHBOR = 10, 20

#: Neighbors nearer than this are duplicates, which say nothing about dimension.
_DUPLICATE = 1e-6


def intrinsic_dimension(distances: Vectors) -> float:
    """Return the maximum-likelihood dimension of points whose neighbors are so far away.

    With T_j the distance to the j-th neighbor, 1 / d is the mean of ln(T_k / T_j) over all points
    and all j < k (Levina and Bickel 2005, equation 8, with the inverses averaged as MacKay and
    Ghahramani 2005 correct it), and the result the mean over k from 10 to 20, or to as many
    neighbors as there are.

    Args:
        distances: ``[n, K]``, ascending.

    Returns:
        The dimension; inf where all neighbors are equally far, and 0 where nothing can be said,
        since there are no two neighbors or all are duplicates.
    """
    most = distances.shape[1]
    apart = distances > _DUPLICATE
    logs = np.log(np.where(apart, distances, 1.0))
    estimates = []
    for k in range(min(NEAREST_NEIGHBOR, most), min(FARTHEST_NEIGHBOR, most) + 1):
        ratios = (logs[:, k - 1 : k] - logs[:, : k - 1])[apart[:, : k - 1]]
        if ratios.size:
            with np.errstate(divide="ignore"):
                estimates.append(1.0 / ratios.mean())
    return float(np.mean(estimates)) if estimates else 0.0
