"""Copies of images: identical ones, ones saved again, and images that only look alike."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import load
from sweeper.data.copies import find_copies


def photos(count: int, seed: int = 0, side: int = 48) -> np.ndarray:
    """Smooth random pictures ``[count, side, side, 3]``, no two alike."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (count, 6, 6, 3), dtype=np.uint8)
    return np.stack([np.asarray(Image.fromarray(c).resize((side, side), 2)) for c in coarse])


def tensor(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).contiguous()


def encoded(image: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_images_of_their_own_are_no_copies():
    copies = find_copies(tensor(photos(300)))
    assert copies.total == 0
    assert len(copies.group.unique()) == 300


def test_identical_images_are_one_group():
    images = photos(20)
    copies = find_copies(tensor(images[[0, 1, 2, 0, 1, 0, *range(3, 20)]]))
    assert (copies.identical, copies.alike) == (3, 0)
    assert copies.group[0] == copies.group[3] == copies.group[5] != copies.group[1]


@pytest.mark.parametrize("quality", [40, 75, 95])
def test_a_picture_encoded_again_is_a_copy(quality: int):
    images = photos(40)
    again = np.stack([encoded(image, quality) for image in images[:10]])
    copies = find_copies(tensor(np.concatenate([images, again])))
    assert (copies.identical, copies.alike) == (0, 10)
    assert copies.group[:10].equal(copies.group[40:])


def test_a_chain_of_copies_is_one_group():
    image = photos(1)[0]
    chain = [image]
    for quality in (90, 70, 85):
        chain.append(encoded(chain[-1], quality))
    assert len(find_copies(tensor(np.stack(chain))).group.unique()) == 1


def test_plain_images_are_copies_only_where_they_are_identical():
    plain = np.stack([np.full((32, 32, 3), level, np.uint8) for level in (10, 11, 12, 10)])
    copies = find_copies(tensor(plain))
    assert (copies.identical, copies.alike) == (1, 0)


def test_noise_on_a_photo_is_another_photo():
    image = photos(1)[0].astype(int)
    noise = np.random.default_rng(1).normal(0, 12, image.shape)
    other = (image + noise).clip(0, 255).astype(np.uint8)
    assert find_copies(tensor(np.stack([photos(1)[0], other]))).total == 0


def test_handwritten_digits_are_no_copies_of_each_other():
    digits = load("mnist-5k")
    assert find_copies(digits.inputs).total <= 2  # of 5,000


def test_images_of_a_single_pixel():
    images = torch.tensor([0, 7, 7, 255], dtype=torch.uint8).view(4, 1, 1, 1)
    copies = find_copies(images)
    assert (copies.identical, copies.alike) == (1, 0)
