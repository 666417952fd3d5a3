"""Small generated data sets."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import Dataset


@pytest.fixture
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data root without network: connecting fails at once, even on a connected machine."""
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "root"))
    for scheme in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")
    return tmp_path / "root"


@pytest.fixture
def write_images() -> Callable[..., None]:
    """Write random images, ``{relative path: (height, width) or (height, width, 3)}``."""

    def write(root: Path, shapes: dict[str, tuple[int, ...]]) -> None:
        generator = np.random.default_rng(0)
        for name, shape in shapes.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(generator.integers(0, 256, shape, np.uint8)).save(path)

    return write


@pytest.fixture
def make_dataset() -> Callable[..., Dataset]:
    """Make a data set with the given labels; each input is its own position."""

    def make(
        labels: list[int],
        groups: list[int] | None = None,
        parts: list[int] | None = None,
        **others: object,
    ) -> Dataset:
        names = tuple(f"class {c}" for c in range(max(labels) + 1))
        return Dataset(
            name="made",
            source="made",
            inputs=torch.arange(len(labels), dtype=torch.float32)[:, None],
            labels=torch.tensor(labels),
            class_names=names,
            groups=None if groups is None else torch.tensor(groups),
            parts=None if parts is None else torch.tensor(parts, dtype=torch.uint8),
            **others,
        )

    return make
