"""Copies of images: identical ones, ones saved again, and images that only look alike."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import Dataset, load
from sweeper.data.copies import find_copies
from sweeper.data.leaks import without_leaks


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


def test_small_differences_on_a_large_background_are_other_pictures():
    """A circle or a square; one of two alike parts scratched."""
    y, x = np.mgrid[:64, :64]
    circle = (y - 30) ** 2 + (x - 30) ** 2 <= 16
    square = (abs(y - 30) <= 3) & (abs(x - 30) <= 3)
    part = photos(1, side=64)[0]
    scratched = part.copy()
    scratched[20:22, 20:35] = 255 * (part[20:22, 20:35].mean() < 128)
    shapes = np.stack([circle, square]).astype(np.uint8)[:, :, :, None].repeat(3, axis=3) * 255
    assert find_copies(tensor(shapes)).total == 0
    assert find_copies(tensor(np.stack([part, scratched]))).total == 0


def of_fixed_camera(count: int, deviation: float) -> torch.Tensor:
    noise = np.random.default_rng(1).normal(0, deviation, (count, 48, 48, 1))
    return tensor((photos(1)[0] + noise.round()).clip(0, 255).astype(np.uint8))


def test_many_copies_are_compared_with_a_few():
    """Half a million pairs, of which few need be looked at."""
    assert find_copies(of_fixed_camera(1000, 1.0)).alike == 999


def test_what_is_too_much_to_compare_is_told(monkeypatch):
    images = of_fixed_camera(40, 6.0)
    copies = find_copies(images)
    assert (copies.total, copies.complete) == (0, True)
    monkeypatch.setattr("sweeper.data.copies.MOST_PAIRS", 100)
    again = find_copies(torch.cat([images, images[:1]]))
    assert (again.identical, again.complete) == (1, False)
    labels = torch.arange(40) % 2
    dataset = Dataset("photos", "photos", images, labels, ("a", "b"))
    (note,) = without_leaks(dataset).notes
    assert "only identical ones are sure to be found" in note
