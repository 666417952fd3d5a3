"""Augmentation of batches: the changes drawn, and torchvision applying them image by image."""

import math
from dataclasses import replace

import pytest
import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as vision

from sweeper.training.augmentation import Augmentation

EVERYTHING = Augmentation(4, math.radians(15), True, True)


def some_images(seeds=2, count=6, shape=(3, 9, 8)):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(seeds, count, *shape, generator=generator, dtype=torch.float64)


def test_torchvision_does_the_same_in_this_order():
    images = some_images()
    changes = EVERYTHING.draw([3, 5], 7, 6)
    theirs = []
    for image, top, left, angle, horizontal, vertical in zip(
        images.flatten(0, 1), *(each.tolist() for each in changes), strict=True
    ):
        changed = vision.crop(vision.pad(image, [4]), top, left, 9, 8)
        changed = vision.rotate(changed, math.degrees(angle), InterpolationMode.BILINEAR)
        changed = vision.horizontal_flip(changed) if horizontal else changed
        theirs.append(vision.vertical_flip(changed) if vertical else changed)
    ours = EVERYTHING.apply(images, [3, 5], 7)
    torch.testing.assert_close(ours, torch.stack(theirs).view(images.shape), rtol=0, atol=1e-12)


def test_a_seed_sees_the_same_alone_and_in_company_and_a_batch_may_be_longer():
    images = some_images()
    together = EVERYTHING.apply(images, [3, 5], 7)
    assert together[1:].equal(EVERYTHING.apply(images[1:], [5], 7))
    assert together[:, :4].equal(EVERYTHING.apply(images[:, :4], [3, 5], 7))


def test_every_seed_and_step_has_its_own_changes():
    drawn = {
        tuple(EVERYTHING.draw([seed], step, 2).angle.tolist())
        for seed in range(10)
        for step in range(10)
    }
    assert len(drawn) == 100


def test_each_kind_draws_the_same_whichever_others_are_on():
    every = EVERYTHING.draw([1], 0, 50)
    for one in (
        Augmentation(crop=4),
        Augmentation(rotation=EVERYTHING.rotation),
        Augmentation(horizontal_flip=True),
        Augmentation(vertical_flip=True),
    ):
        alone = one.draw([1], 0, 50)
        assert alone.top.equal(every.top if one.crop else torch.zeros(50).long())
        assert alone.left.equal(every.left if one.crop else torch.zeros(50).long())
        assert alone.angle.equal(every.angle if one.rotation else torch.zeros(50).double())
        assert alone.horizontal.equal(every.horizontal & one.horizontal_flip)
        assert alone.vertical.equal(every.vertical & one.vertical_flip)


def test_changes_are_uniform_and_independent():
    n = 20_000
    drawn = EVERYTHING.draw([0], 0, n)
    for place in (drawn.top, drawn.left):
        counts = torch.bincount(place, minlength=9)
        assert len(counts) == 9
        assert (counts / n - 1 / 9).abs().max() < 0.01
    assert drawn.angle.abs().max() <= EVERYTHING.rotation
    assert math.isclose(drawn.angle.std(), EVERYTHING.rotation / math.sqrt(3), rel_tol=0.02)
    for half in (drawn.horizontal, drawn.vertical):
        assert abs(half.double().mean() - 0.5) < 0.02
    related = torch.corrcoef(torch.stack([each.double() for each in drawn])).fill_diagonal_(0)
    assert related.abs().max() < 0.03


def test_crop_and_flips_leave_pixels_as_stored():
    images = torch.randint(0, 256, (2, 6, 1, 8, 8)).to(torch.uint8)
    pixels = replace(EVERYTHING, rotation=0.0)
    changed = pixels.apply(images, [0, 1], 0)
    assert changed.dtype == torch.uint8
    assert changed.double().equal(pixels.apply(images.double(), [0, 1], 0))


def test_before_standardizing_and_after_it_are_the_same():
    images = 255 * some_images()
    mean, std = torch.tensor([[90.0, 120, 20], [50, 70, 10]]).double().view(2, 3, 1, 1)
    after = (EVERYTHING.apply(images, [0, 1], 0) - mean) / std
    before = EVERYTHING.apply((images - mean) / std, [0, 1], 0, fill=-mean / std)
    torch.testing.assert_close(before, after)


def test_strided_batches_are_changed_alike():
    images = some_images()
    strided = images.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3)
    assert EVERYTHING.apply(strided, [0, 1], 0).equal(EVERYTHING.apply(images, [0, 1], 0))


def test_none_leaves_even_embeddings_as_they_are():
    embeddings = torch.rand(2, 6, 5)
    assert not Augmentation()
    assert Augmentation().apply(embeddings, [0, 1], 0) is embeddings
    assert all(map(bool, (Augmentation(crop=1), Augmentation(rotation=0.1), EVERYTHING)))
    assert Augmentation(horizontal_flip=True)
    assert Augmentation(vertical_flip=True)


@pytest.mark.parametrize("shape", [(2, 6, 5), (3, 6, 1, 8, 8)], ids=["embeddings", "three seeds"])
def test_what_is_not_a_batch_of_images_a_seed_is_refused(shape):
    with pytest.raises(ValueError, match=r"must be \[2, B, C, H, W\], one batch per seed, not \["):
        EVERYTHING.apply(torch.rand(shape), [0, 1], 0)


@pytest.mark.parametrize(
    ("wrong", "what"), [({"crop": -1}, "crop"), ({"rotation": 4}, "π"), ({"rotation": -1}, "π")]
)
def test_sizes_out_of_range_are_refused(wrong, what):
    with pytest.raises(ValueError, match=what):
        Augmentation(**wrong)
