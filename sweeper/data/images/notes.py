"""Notes on how reading changed the images."""

from collections import Counter
from collections.abc import Sequence

from sweeper.data.images.pixels import Pixels


def image_notes(images: Sequence[Pixels], shape: tuple[int, ...], depth: int) -> tuple[str, ...]:
    """Return one sentence for each kind of change to the images.

    Args:
        images: the images as read.
        shape: their common height and width now.
        depth: the number of bits that 16-bit files really use.
    """
    notes = []
    height, width = shape
    if any(image.size != (width, height) for image in images):
        notes.append(f"{_sizes(images)} became {width}×{height}: centered square, resized")
    if deep := sum(image.largest > 0 for image in images):
        notes.append(f"{deep:,} files of 16 bits hold {depth}: scaled by {2**depth - 1:,} to 255")
    if cut := sum(image.cut for image in images):
        notes.append(
            f"{cut:,} color files of 16 bits are read with their upper 8, so that of 12 bits 4 are "
            "left; save them as PNG without transparency to have all read"
        )
    if several := sum(image.frames > 1 for image in images):
        notes.append(f"{several:,} files have more than one frame or page: one of each is used")
    return tuple(notes)


def _sizes(images: Sequence[Pixels]) -> str:
    sizes = Counter(image.size for image in images)
    (width, height), count = sizes.most_common(1)[0]
    if count == len(images):
        return f"images of {width}×{height}"
    sides = sorted(size for pair in sizes for size in pair)
    return f"images of {len(sizes):,} sizes, sides of {sides[0]:,} to {sides[-1]:,} pixels,"
