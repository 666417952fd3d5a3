"""What the nearest neighbors of images tell: leave-one-out accuracy, overlap, dimension."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeper.repository.meta_features.intrinsic_dimension import (
    FARTHEST_NEIGHBOR,
    intrinsic_dimension,
)
from sweeper.repository.meta_features.skill import accuracy_features
from sweeper.repository.meta_features.thumbnails import Vectors

#: Vectors whose distances to all others are held at once, which bounds the memory.
_CHUNK = 500

#: Distances under this count as this: duplicates are near, not infinitely near.
_NEAR = 1e-3


@dataclass(frozen=True)
class Neighbors:
    """The neighbors of n vectors, themselves left out.

    Attributes:
        indices: ``[n, K]``, the nearest first.
        distances: ``[n, K]``, Euclidean.
        same_class: ``[n]``, distance to the nearest of the same class, inf where there is none.
        other_class: ``[n]``, distance to the nearest of another class.
    """

    indices: NDArray[np.int64]
    distances: Vectors
    same_class: Vectors
    other_class: Vectors


def neighbor_features(vectors: Vectors, classes: NDArray[np.int64]) -> dict[str, float]:
    """Return leave-one-out accuracies of 1-NN and 5-NN, the overlap, the intrinsic dimension.

    The overlap is the mean of ln(distance to the nearest image of the same class / distance to
    the nearest of another), the N2 of Ho and Basu 2002 image by image: negative where classes
    keep apart, 0 for two equal classes.

    Images that are alone in their class are left out of all but the dimension. Where there are no
    others, classes count as having nothing in common: accuracies at chance and no overlap.

    Args:
        vectors: ``[n, k]``, of length 1.
        classes: ``[n]``, from 0 to C - 1, each with a vector; C at least 2.
    """
    near = find_neighbors(vectors, classes)
    several = np.isfinite(near.same_class)
    right = {f"{k}nn": vote(classes[near.indices[:, :k]]) == classes for k in (1, 5)}
    ratios = np.maximum(near.same_class, _NEAR) / np.maximum(near.other_class, _NEAR)
    dimension = min(intrinsic_dimension(near.distances), vectors.shape[1])
    return {
        **accuracy_features({name: hits[several] for name, hits in right.items()}, classes),
        "overlap": float(np.log(ratios[several]).mean()) if several.any() else 0.0,
        "log_intrinsic_dimension": math.log1p(dimension),
    }


def find_neighbors(vectors: Vectors, classes: NDArray[np.int64]) -> Neighbors:
    """Return the neighbors of all vectors by comparing every pair."""
    n = len(vectors)
    count = min(FARTHEST_NEIGHBOR, n - 1)
    squares = (vectors**2).sum(1)
    chunks = []
    for start in range(0, n, _CHUNK):
        rows = slice(start, min(start + _CHUNK, n))
        square = squares[rows, None] + squares - 2.0 * vectors[rows] @ vectors.T
        square[np.arange(rows.stop - start), np.arange(start, rows.stop)] = np.inf
        nearest = np.argpartition(square, count - 1, axis=1)[:, :count]
        order = np.take_along_axis(square, nearest, 1).argsort(1, kind="stable")
        nearest = np.take_along_axis(nearest, order, 1)
        same = classes[rows, None] == classes
        chunks.append(
            (
                nearest,
                _root(np.take_along_axis(square, nearest, 1)),
                _root(np.where(same, square, np.inf).min(1)),
                _root(np.where(same, np.inf, square).min(1)),
            )
        )
    return Neighbors(*(np.concatenate(parts) for parts in zip(*chunks, strict=True)))


def vote(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the commonest label of each row ``[n, k]``; among equals, the one that comes first."""
    votes = (labels[:, :, None] == labels[:, None, :]).sum(2)
    winners: NDArray[np.int64] = np.take_along_axis(labels, votes.argmax(1)[:, None], 1)[:, 0]
    return winners


def _root(squares: Vectors) -> Vectors:
    """Return distances of their squares, which rounding may have left below 0."""
    roots: Vectors = np.sqrt(squares.clip(min=0.0))
    return roots
