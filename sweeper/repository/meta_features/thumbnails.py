"""Images as unit vectors, without any training: thumbnails and their principal components."""

import numpy as np
import scipy.linalg
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

#: The longest side of a thumbnail.
SIDE = 16

#: The largest number of principal components.
COMPONENTS = 64

#: Lengths under this are rounding: gray levels reach from 0 to 1, embeddings have length 1.
NO_LENGTH = 1e-9

#: Eigenvalues under this share of the largest are rounding.
_RANK = 1e-12

#: Images averaged at once, which bounds the memory.
_CHUNK = 256

Vectors = NDArray[np.float64]


def unit_vectors(inputs: Tensor) -> Vectors:
    """Return inputs as directions ``[n, k]`` of length 1 in float64, k at most `COMPONENTS` + 1.

    Images become thumbnails, less their mean, on their principal components. No pixel is scaled by
    its own deviation: that would blow up the noise of borders that hardly vary. Embeddings keep
    their origin, from which a margin loss measures angles; those of more than `COMPONENTS`
    dimensions are projected to the directions of the largest second moments.

    What has no direction (an image that is the mean of all, an embedding of zeros) is treated as
    `directions` does.

    Args:
        inputs: uint8 images ``[n, C, H, W]``, or floating-point embeddings ``[n, d]``.
    """
    if inputs.dtype == torch.uint8:
        vectors = thumbnails(inputs)
        vectors = vectors - vectors.mean(0)
    else:
        vectors = inputs.double().numpy()
        largest = np.abs(vectors).max(1, keepdims=True)  # squares of large numbers overflow
        vectors = at_unit_length(vectors / np.where(largest > 0, largest, 1.0))
    return directions(principal_components(vectors))


def thumbnails(images: Tensor) -> Vectors:
    """Return images averaged over areas to at most `SIDE` × `SIDE`, flat, from 0 to 1.

    Args:
        images: uint8 ``[n, C, H, W]``; a smaller side stays as it is.

    Returns:
        ``[n, C · min(H, SIDE) · min(W, SIDE)]``.
    """
    size = [min(SIDE, side) for side in images.shape[2:]]
    small = [
        F.interpolate(chunk.float(), size=size, mode="area").flatten(1)
        for chunk in images.split(_CHUNK)
    ]
    averaged: Vectors = torch.cat(small).double().numpy() / 255
    return averaged


def principal_components(vectors: Vectors) -> Vectors:
    """Return vectors ``[n, d]`` on their first `COMPONENTS` principal axes through the origin.

    Up to a rotation, which no feature sees: the signs of axes mean nothing, and vectors of no more
    dimensions come back unchanged.
    """
    n, d = vectors.shape
    if d <= COMPONENTS:
        return vectors
    if d <= n:
        _, axes = _largest_eigenpairs(vectors.T @ vectors)
        return vectors @ axes
    # The coordinates are the singular vectors on the left times the singular values.
    squares, left = _largest_eigenpairs(vectors @ vectors.T)
    return left * np.sqrt(np.where(squares > _RANK * squares.max(), squares, 0.0))


def at_unit_length(vectors: Vectors) -> Vectors:
    """Return vectors ``[n, d]`` at length 1, and as zeros where there is no length."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors * (lengths > NO_LENGTH) / np.maximum(lengths, NO_LENGTH)
    return unit


def directions(vectors: Vectors) -> Vectors:
    """Return vectors ``[n, d]`` at length 1, all of them.

    Those without length share one more axis: at no angle to each other, at right angles to the
    rest. Where there are none of them, there is no such axis.
    """
    unit = at_unit_length(vectors)
    without = ~unit.any(1)
    if without.any():
        unit = np.column_stack((unit, without))
    return unit


def _largest_eigenpairs(symmetric: Vectors) -> tuple[Vectors, Vectors]:
    """Return the `COMPONENTS` largest eigenvalues of a matrix, and their vectors as columns."""
    size = len(symmetric)
    wanted = [max(0, size - COMPONENTS), size - 1]
    values, vectors = scipy.linalg.eigh(symmetric, subset_by_index=wanted)
    return values, vectors
