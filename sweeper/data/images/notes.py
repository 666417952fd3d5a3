"""Notes on how reading changed the images."""

from collections import Counter
from collections.abc import Callable, Sequence

from sweeper.console import count
from sweeper.data.images.pixels import Pixels


def image_notes(
    names: Sequence[str],
    images: Sequence[Pixels | None],
    shape: tuple[int, ...],
    channels: int,
    depth: int,
) -> tuple[str, ...]:
    """Return one sentence for each kind of change to the images.

    Args:
        names: of the files.
        images: as read from them; None for those that were left out.
        shape: their common height and width now.
        channels: the number of their channels now.
        depth: the number of bits that 16-bit files really use.
    """
    notes = []
    read = [(name, image) for name, image in zip(names, images, strict=True) if image is not None]
    height, width = shape

    def which(has: Callable[[Pixels], bool]) -> list[str]:
        return [name for name, image in read if has(image)]

    if len(read) < len(names):
        broken = [name for name, image in zip(names, images, strict=True) if image is None]
        notes.append(f"{count(len(broken), 'file')} cannot be read, left out: {first(broken)}")
    if any(image.size != (width, height) for _, image in read):
        sizes = _sizes([image for _, image in read])
        notes.append(f"{sizes} became {width}×{height}: centered square, resized")
    if clear := which(lambda image: bool(image.background)):
        black = len(which(lambda image: image.background == "black"))
        but = f", or on black where white would hide them ({black:,})" if black else ""
        notes.append(
            f"{count(len(clear), 'image')} with transparency, put on white{but}: {first(clear)}"
        )
    gray = which(lambda image: image.values.ndim == 2)
    if channels == 3 and gray:
        notes.append(
            f"{count(len(gray), 'image')} in gray among those in color, read as RGB: {first(gray)}"
        )
    if deep := which(lambda image: image.largest > 0):
        notes.append(
            f"{count(len(deep), 'file')} of 16 bits, which hold {depth}: scaled by "
            f"{2**depth - 1:,} to 255"
        )
    if cut := which(lambda image: image.cut):
        notes.append(
            f"{count(len(cut), 'color file')} of 16 bits, read with their upper 8, so that of 12 "
            f"bits 4 are left; save as PNG without transparency to have all read: {first(cut)}"
        )
    if several := which(lambda image: image.frames > 1):
        notes.append(
            f"{count(len(several), 'file')} with more than one frame or page, one of each used: "
            f"{first(several)}"
        )
    return tuple(notes)


def first(names: Sequence[str]) -> str:
    """Name the first of some files, and say how many more there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1:,} more"


def _sizes(images: Sequence[Pixels]) -> str:
    sizes = Counter(image.size for image in images)
    (width, height), number = sizes.most_common(1)[0]
    if number == len(images):
        return f"images of {width}×{height}"
    sides = sorted(size for pair in sizes for size in pair)
    return f"images of {len(sizes):,} sizes, sides of {sides[0]:,} to {sides[-1]:,} pixels,"
