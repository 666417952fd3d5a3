"""Photos are brought to the size that the net's weights were trained with, and it is said."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import get_model

from sweeper import models
from sweeper.study.task import load_data


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    for c in "ab":
        for i in range(4):
            path = tmp_path / "photos" / c / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            coarse = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
            Image.fromarray(coarse).resize((320, 240)).save(path)
    return tmp_path / "photos"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "squeezenet.pt"
    torch.save(get_model("squeezenet1_1").state_dict(), path)
    return path


@pytest.mark.parametrize(
    ("options", "side"), [("weights={}", 224), ("weights={}, size=48", 48), ("size=48", 48)]
)
def test_the_net_decides_the_size(study, photos: Path, weights: Path, options: str, side: int):
    net = f"squeezenet1_1[{options.format(weights)}]"
    _, dataset = load_data(study(dataset=str(photos), net=net))
    assert dataset.input_shape == (3, side, side)
    assert f"images of 320×240 became {side}×{side}: centered square, resized" in dataset.notes


def test_a_size_in_the_data_set_wins(study, photos: Path, weights: Path):
    net = f"squeezenet1_1[weights={weights}]"
    _, dataset = load_data(study(dataset=f"{photos}[size=40]", net=net))
    assert dataset.input_shape == (3, 40, 40)


def test_other_nets_take_small_images(study, photos: Path):
    _, dataset = load_data(study(dataset=str(photos), net="compact"))
    assert dataset.input_shape == (3, 32, 32)


def test_named_weights_have_the_crop_of_their_own_transform():
    from torchvision.models import get_model_weights

    transform = get_model_weights("resnet50")["IMAGENET1K_V2"].transforms()
    side, share = models.image_size("resnet50[weights=IMAGENET1K_V2]") or (0, 0.0)
    assert (side, share) == (224, pytest.approx(224 / 232))
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 12, 3), dtype=np.uint8))
    image = image.resize((480, 360), Image.Resampling.BICUBIC)
    theirs = transform(image) * torch.tensor(transform.std).view(3, 1, 1)
    theirs = theirs + torch.tensor(transform.mean).view(3, 1, 1)
    from sweeper.data.images.pixels import ImageSize, fit

    ours = torch.from_numpy(np.array(fit(image, ImageSize(side, share)))).permute(2, 0, 1) / 255
    assert (ours - theirs).abs().mean() < 0.01  # another interpolation
