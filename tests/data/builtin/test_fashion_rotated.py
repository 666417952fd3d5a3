"""``fashion-mnist-rotated`` against the original images."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from sweeper.data import TRAIN, load
from sweeper.data.builtin import fashion_mnist
from sweeper.errors import SweeperError


@pytest.mark.skipif(
    fashion_mnist.files() is None, reason="the files of Fashion-MNIST are not on this machine"
)
def test_each_image_is_rotated_by_its_class() -> None:
    turned, clothes = load("fashion-mnist-rotated"), load("fashion-mnist")
    assert turned.parts is not None
    assert clothes.parts is not None
    assert turned.parts.tolist() == clothes.parts.tolist()
    assert turned.source == clothes.source
    assert turned.num_classes == 40
    assert turned.labels[turned.parts == TRAIN].bincount().tolist() == [1500] * 40
    assert turned.labels[turned.parts != TRAIN].bincount().tolist() == [250] * 40
    for i in range(0, 70_000, 97):
        kind, angle = turned.class_names[turned.labels[i]].rsplit(" ", 1)
        assert kind == clothes.class_names[clothes.labels[i]]
        turns = int(angle.removesuffix("°")) // 90
        assert np.array_equal(turned.inputs[i, 0], np.rot90(clothes.inputs[i, 0], turns))


def test_rotations_alternate(no_network: Path) -> None:
    raw = no_network / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    image = np.zeros((28, 28), np.uint8)
    image[0, :3] = 255  # a dash at the top left
    labels = np.array([3, 8, 3, 3, 8, 3, 3], np.uint8)
    for part in ("train", "t10k"):
        for kind, array in (("images-idx3", np.stack([image] * 7)), ("labels-idx1", labels)):
            header = bytes((0, 0, 8, array.ndim))
            header += b"".join(n.to_bytes(4, "big") for n in array.shape)
            path = raw / f"{part}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(header + array.tobytes()))
    with pytest.raises(SweeperError, match=r"class 'Bag 180°' is left without images"):
        load("fashion-mnist-rotated")
    dataset = load("fashion-mnist-rotated[classes=Dress 0°+Dress 90°+Dress 180°+Dress 270°]")
    names = [dataset.class_names[label] for label in dataset.labels]
    assert names == [f"Dress {angle}°" for angle in (0, 90, 180, 270, 0)] * 2
    dash = [np.argwhere(image[0].numpy()).mean(axis=0).tolist() for image in dataset.inputs[:4]]
    assert dash == [[0, 1], [26, 0], [27, 26], [1, 27]]  # row and column, counterclockwise


def test_without_the_files_the_error_is_that_of_fashion_mnist(
    no_network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fashion_mnist, "_DEBIAN", no_network)
    messages = []
    for name in ("fashion-mnist", "fashion-mnist-rotated"):
        with pytest.raises(
            SweeperError, match=r"^fashion-mnist: \S+/raw is missing or incomplete"
        ) as caught:
            load(name)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
