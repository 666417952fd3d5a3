"""What reading did to the image files of a data set, for reading further ones in the same way."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from sweeper.data.images.pixels import ImageSize


@dataclass(frozen=True)
class ImageTransform:
    """How image files became the images of a data set.

    Attributes:
        width: of all images, in pixels.
        height: likewise.
        channels: 1 for gray, 3 for RGB.
        side: the side that was asked for, by the net or with ``[size=...]``; None where files of
            one small size kept it and others became 32 x 32.
        share: fraction of the side of each file's largest centered square that was kept.
        depth: the number of bits that 16-bit files really use.
    """

    width: int
    height: int
    channels: int
    side: int | None = None
    share: float = 1.0
    depth: int = 8

    @property
    def size(self) -> ImageSize | None:
        """The size that was asked for."""
        return None if self.side is None else ImageSize(self.side, self.share)

    def __str__(self) -> str:
        """Describe it in words."""
        color = "gray" if self.channels == 1 else "RGB"
        if self.side is None:
            how = "files of another size: the largest centered square, resized"
        else:
            part = "" if self.share == 1 else f", {self.share:.1%} of it in the center"
            how = f"the largest centered square{part}, resized"
        return f"{self.width}×{self.height}, {color}; {how} (bicubic)"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for storage."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `to_dict` made this of."""
        return cls(**stored)
