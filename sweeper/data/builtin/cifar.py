"""``cifar10`` and ``cifar100`` (Krizhevsky 2009): 50,000 + 10,000 images, 32 × 32, in color.

They are read from the published binary files. torchvision reads the Python version, but that
consists of pickles, which are never read here.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sweeper.data.arrays import to_images
from sweeper.data.builtin.download import missing, quietly
from sweeper.data.dataset import TEST, TRAIN
from sweeper.data.paths import data_root
from sweeper.data.raw_dataset import RawDataset
from sweeper.errors import SweeperError

_PAGE = "https://www.cs.toronto.edu/~kriz"
_PIXELS = 3 * 32 * 32
#: torchvision's folders of the Python versions.
_PICKLED = {"cifar10": "cifar-10-batches-py", "cifar100": "cifar-100-python"}


def load_cifar10() -> RawDataset:
    """Return CIFAR-10 with its predefined parts; a record is a label and an image."""
    train = [f"data_batch_{number}.bin" for number in range(1, 6)]
    return _load(
        "cifar10", "cifar-10", "c32a1d4ab5d03f1284b67883e8d87530", train, ["test_batch.bin"],
        "batches.meta.txt", label_bytes=1,
    )  # fmt: skip


def load_cifar100() -> RawDataset:
    """Return CIFAR-100 with its predefined parts; a record has two labels and an image."""
    return _load(
        "cifar100", "cifar-100", "03b5dce01913d631647c71ecec9e9cb8", ["train.bin"], ["test.bin"],
        "fine_label_names.txt", label_bytes=2,
    )  # fmt: skip


def folder(name: str) -> Path:
    """Return the folder of the files of ``cifar10`` or ``cifar100``."""
    return data_root() / ("cifar-10-batches-bin" if name == "cifar10" else "cifar-100-binary")


def cifar10_is_here() -> bool:
    """Return whether the folder of CIFAR-10 is here."""
    return folder("cifar10").is_dir()


def cifar100_is_here() -> bool:
    """Return whether the folder of CIFAR-100 is here."""
    return folder("cifar100").is_dir()


def _load(
    name: str,
    archive: str,
    md5: str,
    train: list[str],
    test: list[str],
    meta: str,
    label_bytes: int,
) -> RawDataset:
    directory = folder(name)
    if not all((directory / file).is_file() for file in (*train, *test, meta)):
        _download(name, f"{archive}-binary.tar.gz", md5)
    records = [_read(directory / file, label_bytes) for file in (*train, *test)]
    try:
        class_names = tuple((directory / meta).read_text("utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise SweeperError(f"cannot read {directory / meta} ({error}); download it again") from None
    labels = np.concatenate([record[:, label_bytes - 1] for record in records])
    if labels.max() >= len(class_names):
        raise SweeperError(
            f"label {labels.max()} has no name in {directory / meta}; download both again"
        )
    parts = [TRAIN] * len(train) + [TEST] * len(test)
    sizes = torch.tensor([len(record) for record in records])
    images = np.concatenate([record[:, label_bytes:] for record in records])
    return RawDataset(
        "tiny-images",
        torch.from_numpy(labels.astype(np.int64)),
        class_names,
        to_images(images.reshape(-1, 3, 32, 32)),
        parts=torch.tensor(parts, dtype=torch.uint8).repeat_interleave(sizes),
    )


def _read(path: Path, label_bytes: int) -> NDArray[np.uint8]:
    try:
        content = np.fromfile(path, np.uint8)
    except OSError as error:
        raise SweeperError(f"cannot read {path}: {error.strerror}") from None
    record = label_bytes + _PIXELS
    if not len(content) or len(content) % record:
        raise SweeperError(
            f"{path} is truncated: its size is not a multiple of {record} bytes; download it again"
        )
    return content.reshape(-1, record)


def _download(name: str, archive: str, md5: str) -> None:
    from torchvision.datasets.utils import download_and_extract_archive

    with quietly() as announce:
        announce(name, 60_000, folder(name))
        try:
            download_and_extract_archive(f"{_PAGE}/{archive}", str(data_root()), md5=md5)
        except (OSError, RuntimeError) as error:
            if (pickled := data_root() / _PICKLED[name]).is_dir():
                raise SweeperError(
                    f"{name}: {pickled} holds pickles, which are never read; download the binary "
                    f"version, {_PAGE}/{archive}, and unpack it into {data_root()}"
                ) from None
            raise missing(name, folder(name), error) from None
