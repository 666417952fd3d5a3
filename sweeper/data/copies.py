"""Finding copies among images: identical pixels, or the same picture encoded again."""

import hashlib
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

#: The side of the compared thumbnails in pixels.
THUMBNAIL = 16
#: Images whose thumbnails correlate at least this much are compared pixel by pixel.
CORRELATION = 0.995
#: Largest mean absolute difference in luma of two copies, in levels of 0 to 255. JPEG changes a
#: picture by 1.1 at quality 75 and by 1.9 at quality 40; consecutive photos of one object differ by
#: about ten.
LUMA_DIFFERENCE = 2.5
#: The same for the colors of thumbnails, which JPEG stores at half the resolution.
COLOR_DIFFERENCE = 8.0
#: Images whose levels have a smaller standard deviation than this are too plain to tell copies
#: from similar images: only identical ones count.
PLAIN = 8.0
#: With more images, only identical ones are searched for: comparing all pairs would take more than
#: a few seconds.
MOST_COMPARED = 50_000

_BLOCK = 2048
_LUMA = (0.299, 0.587, 0.114)


class Copies(NamedTuple):
    """Which images are copies of each other.

    Attributes:
        group: int64 ``[N]``, the same number for images that are copies of each other.
        identical: number of images with the same pixels as an earlier one.
        alike: number of further images that are an earlier one encoded again.
    """

    group: Tensor
    identical: int
    alike: int

    @property
    def total(self) -> int:
        """The number of images that could be dropped without losing a picture."""
        return self.identical + self.alike


def find_copies(images: Tensor) -> Copies:
    """Find copies among images.

    Two images are copies if their pixels are identical, or if their thumbnails correlate by at
    least `CORRELATION` and they differ on average by at most `LUMA_DIFFERENCE` and
    `COLOR_DIFFERENCE` levels. Copies of copies belong to one group.

    Args:
        images: uint8 ``[N, C, H, W]``.
    """
    from scipy.sparse import coo_matrix  # here, since it takes a while to import
    from scipy.sparse.csgraph import connected_components

    first = _first_identical(images)
    unique = torch.from_numpy(np.unique(first))
    links = [(torch.arange(len(images)), torch.from_numpy(first))]
    if len(unique) <= MOST_COMPARED:
        pairs = _alike(images[unique])
        links.append((unique[pairs[:, 0]], unique[pairs[:, 1]]))
    rows, columns = (torch.cat(ends).numpy() for ends in zip(*links, strict=True))
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(images), len(images)))
    count, group = connected_components(graph, directed=False)
    return Copies(
        torch.from_numpy(group.astype(np.int64)),
        identical=len(images) - len(unique),
        alike=len(unique) - count,
    )


def _first_identical(images: Tensor) -> NDArray[np.int64]:
    """Return the position of the first image with the same pixels, for each image."""
    flat = np.ascontiguousarray(images.numpy()).reshape(len(images), -1)
    seen: dict[bytes, int] = {}
    digests = (hashlib.blake2b(row.data, digest_size=16).digest() for row in flat)
    return np.array([seen.setdefault(digest, i) for i, digest in enumerate(digests)], np.int64)


def _alike(images: Tensor) -> Tensor:
    """Return the pairs ``[P, 2]`` of images that are the same picture encoded twice."""
    thumbnails = torch.cat([_thumbnails(block) for block in images.split(_BLOCK)])
    gray = _luma(thumbnails).flatten(1)
    candidates = (gray.std(dim=1, correction=0) >= PLAIN).nonzero().flatten()
    vectors = gray[candidates] - gray[candidates].mean(dim=1, keepdim=True)
    vectors = vectors / vectors.norm(dim=1, keepdim=True).clamp(min=1e-6)
    pairs = []
    for start in range(0, len(vectors), _BLOCK):
        near = vectors[start : start + _BLOCK] @ vectors[start:].T >= CORRELATION
        left, right = near.triu(diagonal=1).nonzero(as_tuple=True)
        pairs.append(torch.stack([candidates[start + left], candidates[start + right]], dim=1))
    candidate_pairs = torch.cat(pairs) if pairs else torch.empty(0, 2, dtype=torch.int64)
    kept = [_are_same_picture(images, thumbnails, block) for block in candidate_pairs.split(_BLOCK)]
    return candidate_pairs[torch.cat(kept)] if kept else candidate_pairs


def _thumbnails(images: Tensor) -> Tensor:
    """Return float32 ``[n, C, side, side]``, from 0 to 255."""
    side = min(THUMBNAIL, *images.shape[2:])
    return interpolate(images.float(), (side, side), mode="area")


def _luma(images: Tensor) -> Tensor:
    """Return luma ``[n, H, W]``: BT.601 for RGB images, the only channel for gray ones."""
    if images.shape[1] == 1:
        return images[:, 0].float()
    return torch.einsum("nchw,c->nhw", images.float(), images.new_tensor(_LUMA, dtype=torch.float))


def _are_same_picture(images: Tensor, thumbnails: Tensor, pairs: Tensor) -> Tensor:
    """Return which of the pairs ``[p, 2]`` differ little in luma and colors."""
    left, right = pairs.unbind(dim=1)
    luma = (_luma(images[left]) - _luma(images[right])).abs().flatten(1).mean(dim=1)
    color = (thumbnails[left] - thumbnails[right]).abs().flatten(1).mean(dim=1)
    return (luma <= LUMA_DIFFERENCE) & (color <= COLOR_DIFFERENCE)
