"""Finding copies: identical images or embeddings, or the same picture encoded again."""

import hashlib
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

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
#: Largest mean absolute difference in luma of any 4 x 4 pixels of two copies. JPEG changes them by
#: 14 at quality 75 and by 23 at quality 40; a scratch on one of two parts, or another small shape
#: on a large background, by more.
LOCAL_DIFFERENCE = 24.0
#: With more images, only identical ones are searched for: comparing all pairs would take more than
#: a few seconds.
MOST_COMPARED = 50_000
#: No more pairs of similar thumbnails are compared, for the same reason: of a fixed camera all are.
MOST_PAIRS = 5_000_000

#: Rows of the matrix of correlations, and pairs, that are looked at together.
_ROWS, _FIRST_PAIRS, _PAIRS = 256, 2**9, 2**14
#: Numbers in memory for pixels that are compared.
_NUMBERS = 2**24
#: Pixels that are compared before all are, and how much more they may differ by chance.
_SAMPLED, _SLACK = 256, 0.75
#: Windows of a thumbnail overlap, so that its mean difference can exceed that of the pixels.
_OVERLAP = 2.0
_LUMA = (0.299, 0.587, 0.114)


class Copies(NamedTuple):
    """Which images, or embeddings, are copies of each other.

    Attributes:
        group: int64 ``[N]``, the same number for those that are copies of each other.
        identical: number of images with the same pixels as an earlier one, or of embeddings with
            the same numbers.
        alike: number of further images that are an earlier one encoded again.
        complete: whether all images were compared; else only identical ones are sure to be found.
    """

    group: Tensor
    identical: int
    alike: int
    complete: bool

    @property
    def total(self) -> int:
        """The number of those that could be dropped without losing a picture."""
        return self.identical + self.alike


def find_copies(inputs: Tensor) -> Copies:
    """Find copies among images or embeddings.

    Two images are copies if their pixels are identical, or if their thumbnails correlate by at
    least `CORRELATION` and they differ on average by at most `LUMA_DIFFERENCE` and
    `COLOR_DIFFERENCE` levels, and nowhere by more than `LOCAL_DIFFERENCE`. Copies of copies belong
    to one group. Two embeddings are copies if they are identical.

    Args:
        inputs: images, uint8 ``[N, C, H, W]``, or embeddings, float32 ``[N, d]``.
    """
    first = _first_identical(inputs)
    unique, number = np.unique(first, return_inverse=True)
    group, complete = np.arange(len(unique)), True
    if inputs.dtype == torch.uint8 and (complete := len(unique) <= MOST_COMPARED):
        distinct = inputs if len(unique) == len(inputs) else inputs[torch.from_numpy(unique)]
        group, complete = _alike(distinct)
    return Copies(
        torch.from_numpy(group[number].astype(np.int64)),
        identical=len(inputs) - len(unique),
        alike=len(unique) - len(np.unique(group)),
        complete=complete,
    )


def _first_identical(inputs: Tensor) -> NDArray[np.int64]:
    """Return the position of the first image or embedding with the same numbers, for each."""
    flat = np.ascontiguousarray(inputs.numpy()).reshape(len(inputs), -1)
    seen: dict[bytes, int] = {}
    digests = (hashlib.blake2b(row.data, digest_size=16).digest() for row in flat)
    return np.array([seen.setdefault(digest, i) for i, digest in enumerate(digests)], np.int64)


def _alike(images: Tensor) -> tuple[NDArray[np.int64], bool]:
    """Return the group of each image ``[N]``, and whether all pairs were compared."""
    pictures = _Pictures(images)
    candidates = (pictures.gray.std(dim=1, correction=0) >= PLAIN).nonzero().flatten()
    vectors = pictures.gray[candidates]
    vectors = vectors - vectors.mean(dim=1, keepdim=True)
    vectors = vectors / vectors.norm(dim=1, keepdim=True).clamp(min=1e-6)
    group, left = np.arange(len(images)), MOST_PAIRS
    for start in range(0, len(vectors), _ROWS):
        near = vectors[start : start + _ROWS] @ vectors[start:].T >= CORRELATION
        pairs = candidates[near.triu(diagonal=1).nonzero() + start]
        size = _FIRST_PAIRS
        while True:
            # What is in one group already is not compared: of N copies a few N pairs are, not N².
            ends = torch.from_numpy(group)[pairs]
            pairs = pairs[ends[:, 0] != ends[:, 1]]
            if not len(pairs):
                break
            part, pairs = pairs[:size], pairs[size:]
            size = min(2 * size, _PAIRS)
            left -= len(part)
            if left < 0:
                return group, False
            group = _joined(group, part[pictures.are_same(part)])
    return group, True


def _joined(group: NDArray[np.int64], pairs: Tensor) -> NDArray[np.int64]:
    """Return the groups ``[N]``, with those of each of the pairs ``[p, 2]`` merged."""
    from scipy.sparse import coo_matrix  # here, since it takes a while to import
    from scipy.sparse.csgraph import connected_components

    if not len(pairs):
        return group
    rows, columns = group[pairs.numpy()].T
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(group), len(group)))
    merged: NDArray[np.int64] = connected_components(graph, directed=False)[1][group]
    return merged


class _Pictures:
    """Images, and what of them is compared before all their pixels are.

    Args:
        images: uint8 ``[N, C, H, W]``.
    """

    def __init__(self, images: Tensor) -> None:
        self.images = images
        size = images.shape[1:].numel()
        self.step = max(1, _NUMBERS // size)
        blocks = images.split(self.step)
        self.thumbnails = torch.cat([_thumbnails(block) for block in blocks])
        #: Luma of the thumbnails, ``[N, pixels]``.
        self.gray = _luma(self.thumbnails).flatten(1)
        generator = torch.Generator().manual_seed(0)
        area = images.shape[2:].numel()
        self.sample = None
        if area > _SAMPLED:
            chosen = torch.randint(area, (_SAMPLED,), generator=generator)
            of_blocks = [_luma(block.flatten(2)[..., chosen, None]) for block in blocks]
            self.sample = torch.cat([one.flatten(1).round().byte() for one in of_blocks])

    def are_same(self, pairs: Tensor) -> Tensor:
        """Return which of the pairs ``[p, 2]`` are the same picture encoded twice."""
        same = _difference(self.gray, pairs) <= _OVERLAP * LUMA_DIFFERENCE
        if self.sample is not None:
            rest = same.nonzero().flatten()
            same[rest] = _difference(self.sample, pairs[rest]) <= LUMA_DIFFERENCE + _SLACK
        rest = same.nonzero().flatten()
        same[rest] = _difference(self.thumbnails.flatten(1), pairs[rest]) <= COLOR_DIFFERENCE
        for part in same.nonzero().flatten().split(self.step):
            same[part] = self._are_close(pairs[part])
        return same

    def _are_close(self, pairs: Tensor) -> Tensor:
        """Return which of the pairs ``[p, 2]`` differ little in all of their luma."""
        left, right = pairs.unbind(dim=1)
        luma = (_luma(self.images[left]) - _luma(self.images[right])).abs()
        side = min(4, *luma.shape[1:])
        local = avg_pool2d(luma[:, None], side, ceil_mode=True).flatten(1).amax(dim=1)
        mean = luma.flatten(1).mean(dim=1)
        return (mean <= LUMA_DIFFERENCE) & (local <= LOCAL_DIFFERENCE)


def _difference(values: Tensor, pairs: Tensor) -> Tensor:
    """Return the mean absolute difference of each of the pairs ``[p, 2]`` of rows."""
    left, right = pairs.unbind(dim=1)
    return (values[left].float() - values[right].float()).abs().mean(dim=1)


def _thumbnails(images: Tensor) -> Tensor:
    """Return float32 ``[n, C, side, side]``, from 0 to 255."""
    side = min(THUMBNAIL, *images.shape[2:])
    return interpolate(images.float(), (side, side), mode="area")


def _luma(images: Tensor) -> Tensor:
    """Return luma ``[n, H, W]``: BT.601 for RGB images, the only channel for gray ones."""
    if images.shape[1] == 1:
        return images[:, 0].float()
    return torch.einsum("nchw,c->nhw", images.float(), images.new_tensor(_LUMA, dtype=torch.float))
