"""Crops of a batch against torchvision's of one image after another."""

import pytest
import torch
from torchvision.transforms.v2 import functional as vision

from sweeper.training.augmentation.crop import crop

SHAPES = [(1, 8, 8), (3, 7, 7), (3, 6, 9), (1, 5, 2)]


def places(count, padding):
    generator = torch.Generator().manual_seed(1)
    drawn = torch.randint(0, 2 * padding + 1, (2, count), generator=generator)
    drawn[:, :2] = torch.tensor([[0, 2 * padding], [2 * padding, 0]])  # two corners for certain
    return drawn


@pytest.mark.parametrize("padding", [1, 4])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64], ids=str)
def test_each_image_is_cut_as_torchvision_cuts_it(dtype, shape, padding):
    images = torch.randint(1, 256, (12, *shape), generator=torch.Generator().manual_seed(0))
    images = images.to(dtype)
    top, left = places(12, padding)
    ours = crop(images, top, left, padding)
    assert ours.dtype == dtype
    for image, cut, y, x in zip(images, ours, top.tolist(), left.tolist(), strict=True):
        theirs = vision.crop(vision.pad(image, [padding]), y, x, *shape[1:])
        assert cut.equal(theirs)


def test_the_middle_is_the_image_itself():
    images = torch.rand(3, 2, 5, 6)
    middle = torch.full((3,), 4)
    assert crop(images, middle, middle, 4).equal(images)


def test_standardized_images_are_padded_with_standardized_black():
    images = torch.randint(0, 256, (8, 3, 6, 6)).double()
    mean, std = torch.tensor([[90.0, 120, 20], [50, 70, 10]]).double().view(2, 3, 1, 1)
    top, left = places(8, 3)
    before = crop((images - mean) / std, top, left, 3, -mean / std)
    after = (crop(images, top, left, 3) - mean) / std
    torch.testing.assert_close(before, after)


def test_strided_images_are_cut_alike():
    images = torch.rand(6, 3, 5, 7)
    top, left = places(6, 2)
    strided = images.contiguous(memory_format=torch.channels_last)
    assert crop(strided, top, left, 2).equal(crop(images, top, left, 2))
