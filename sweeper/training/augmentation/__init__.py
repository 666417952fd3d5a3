"""Random changes to the images of a batch, drawn anew at each step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sweeper.data.stable_random import uniform
from sweeper.training.augmentation.crop import crop
from sweeper.training.augmentation.flip import flip
from sweeper.training.augmentation.rotation import rotate


@dataclass(frozen=True)
class Augmentation:
    """Crop, then rotation, then flips; each with its own random numbers, whichever others are on.

    The kinds are those of La Grassa et al. 2020, section 5, which states no sizes; ours for it:
    ``Augmentation(4, math.radians(15), True, True)``.

    Args:
        crop: images are padded by so many pixels on each side and cut back to their size at a
            random place.
        rotation: the largest angle, in radians, to either side; uniform.
        horizontal_flip: whether images are mirrored left to right, with probability ½.
        vertical_flip: whether images are mirrored upside down, with probability ½.

    Raises:
        ValueError: a negative crop, or a rotation that is not between 0 and π.
    """

    crop: int = 0
    rotation: float = 0.0
    horizontal_flip: bool = False
    vertical_flip: bool = False

    def __post_init__(self) -> None:
        if self.crop < 0:
            raise ValueError(f"crop must be a number of pixels from 0, not {self.crop}")
        if not 0 <= self.rotation <= math.pi:
            raise ValueError(f"rotation must be an angle from 0 to π, not {self.rotation}")

    def __bool__(self) -> bool:
        """Whether anything is changed at all."""
        return self != Augmentation()

    def apply(
        self, images: Tensor, seeds: Sequence[int], step: int, fill: float | Tensor = 0.0
    ) -> Tensor:
        """Change a batch, the same way on every device and for any number of trials.

        Args:
            images: ``[R, B, C, H, W]``, one batch per seed; floating if they are to be rotated.
            seeds: the R seeds, whole numbers from 0.
            step: the step of training, counted over all epochs, from 0.
            fill: what comes in from outside: 0, black, for images as stored; for standardized
                ones ``-mean / std``, ``[C, 1, 1]``.

        Returns:
            ``[R, B, C, H, W]``.

        Raises:
            ValueError: `images` are no images, or not one batch per seed.
            TypeError: whole-numbered images that are to be rotated.
        """
        if not self:
            return images
        if images.dim() != 5 or len(images) != len(seeds):
            raise ValueError(
                f"images must be [{len(seeds)}, B, C, H, W], one batch per seed, "
                f"not {list(images.shape)}"
            )
        changes = self.draw(seeds, step, images.shape[1])
        top, left, angle, horizontal, vertical = (each.to(images.device) for each in changes)
        flat = images.flatten(0, 1)
        if self.crop:
            flat = crop(flat, top, left, self.crop, fill)
        if self.rotation:
            flat = rotate(flat, angle, fill)
        if self.horizontal_flip or self.vertical_flip:
            flat = flip(flat, horizontal, vertical)
        return flat.reshape(images.shape)

    def draw(self, seeds: Sequence[int], step: int, count: int) -> "Changes":
        """Draw what `apply` does to `count` images per seed."""
        streams = [uniform(5 * count, "augmentation", seed, step) for seed in seeds]
        # An image's numbers stand together: more images in a batch leave the first ones alone.
        numbers = torch.stack([torch.from_numpy(stream) for stream in streams])
        top, left, angle, horizontal, vertical = numbers.view(-1, 5).unbind(1)
        places = 2 * self.crop + 1
        return Changes(
            top=(top * places).long(),
            left=(left * places).long(),
            angle=(2 * angle - 1) * self.rotation,
            horizontal=(horizontal < 0.5) & self.horizontal_flip,
            vertical=(vertical < 0.5) & self.vertical_flip,
        )


class Changes(NamedTuple):
    """What happens to each of N images: ``[N]`` each, as `crop`, `rotate` and `flip` take it."""

    top: Tensor
    left: Tensor
    angle: Tensor
    horizontal: Tensor
    vertical: Tensor
