"""Rotations of a batch against torchvision's of one image after another."""

import math

import pytest
import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as vision

from sweeper.training.augmentation.rotation import rotate

DEGREES = [-179.0, -90.0, -45.0, -15.0, -3.3, 0.0, 1e-3, 7.7, 15.0, 30.0, 90.0, 180.0]
ANGLES = torch.tensor(DEGREES, dtype=torch.float64).deg2rad()
SHAPES = [(1, 8, 8), (3, 7, 7), (3, 28, 28), (3, 6, 9), (1, 11, 4)]
TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-12}


def some_images(shape, dtype):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(len(DEGREES), *shape, generator=generator, dtype=dtype)


@pytest.mark.parametrize("fill", [0.0, -1.5])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", TOLERANCES, ids=str)
def test_each_image_turns_as_torchvision_turns_it(dtype, shape, fill):
    images = some_images(shape, dtype)
    ours = rotate(images, ANGLES, fill)
    assert ours.dtype == dtype
    for image, turned, angle in zip(images, ours, DEGREES, strict=True):
        # Told a fill, torchvision weighs the border with it twice: 0 given differs from 0 unsaid.
        theirs = vision.rotate(image - fill, angle, InterpolationMode.BILINEAR) + fill
        torch.testing.assert_close(turned, theirs, rtol=0, atol=TOLERANCES[dtype])


def test_no_angle_changes_nothing_at_all():
    images = some_images((3, 28, 27), torch.float32)
    assert rotate(images, torch.zeros(len(images)), 0.3).equal(images)


def test_a_quarter_turn_is_counter_clockwise():
    image = torch.tensor([[1.0, 2], [3, 4]]).view(1, 1, 2, 2)
    turned = rotate(image, torch.tensor([math.pi / 2]))
    torch.testing.assert_close(turned[0, 0], torch.tensor([[2.0, 4], [1, 3]]))


def test_corners_come_in_from_outside():
    turned = rotate(torch.ones(1, 1, 9, 9), torch.tensor([math.pi / 4]))[0, 0]
    assert turned[[0, 0, -1, -1], [0, -1, 0, -1]].abs().max() == 0
    torch.testing.assert_close(turned[4], torch.ones(9))


def test_standardized_images_are_surrounded_by_standardized_black():
    images = 255 * some_images((3, 8, 9), torch.float64)
    mean, std = torch.tensor([[90.0, 120, 20], [50, 70, 10]]).double().view(2, 3, 1, 1)
    before = rotate((images - mean) / std, ANGLES, -mean / std)
    torch.testing.assert_close(before, (rotate(images, ANGLES) - mean) / std)


def test_whole_numbers_are_refused():
    with pytest.raises(TypeError, match=r"floating images .* torch\.uint8"):
        rotate(torch.zeros(1, 1, 4, 4, dtype=torch.uint8), torch.ones(1))
