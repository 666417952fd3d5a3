"""Flips of a batch against torchvision's of one image after another."""

import pytest
import torch
from torchvision.transforms.v2 import functional as vision

from sweeper.training.augmentation.flip import flip

HORIZONTAL = torch.tensor([False, True, False, True])
VERTICAL = torch.tensor([False, False, True, True])


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 7, 7), (3, 6, 9)], ids=str)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64], ids=str)
def test_each_image_is_mirrored_as_torchvision_mirrors_it(dtype, shape):
    images = torch.randint(0, 256, (4, *shape), generator=torch.Generator().manual_seed(0))
    images = images.to(dtype)
    theirs = [
        images[0],
        vision.horizontal_flip(images[1]),
        vision.vertical_flip(images[2]),
        vision.vertical_flip(vision.horizontal_flip(images[3])),
    ]
    ours = flip(images, HORIZONTAL, VERTICAL)
    assert ours.dtype == dtype
    assert ours.equal(torch.stack(theirs))
    assert not any(ours[place].equal(images[place]) for place in (1, 2, 3))


def test_twice_is_not_at_all():
    images = torch.rand(4, 3, 5, 6)
    assert flip(flip(images, HORIZONTAL, VERTICAL), HORIZONTAL, VERTICAL).equal(images)
