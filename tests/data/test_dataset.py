import dataclasses

import numpy as np
import pytest
import torch

from sweeper.data import TRAIN, VALIDATION, Dataset
from sweeper.data.images.transform import ImageTransform

WHOLE = Dataset(
    name="made",
    source="made",
    inputs=torch.arange(24, dtype=torch.uint8).reshape(4, 1, 2, 3),
    labels=torch.tensor([0, 1, 1, 0]),
    class_names=("a", "b"),
    groups=torch.tensor([0, 1, 2, 2]),
    parts=torch.tensor([TRAIN, TRAIN, TRAIN, VALIDATION], dtype=torch.uint8),
    label_noise=0.1,
    seed=3,
    group_names=("anna", "ben", "carl"),
)
#: What training can see, changed.
CHANGES = {
    "inputs": [WHOLE.inputs + 1, WHOLE.inputs.reshape(4, 1, 3, 2), WHOLE.inputs.to(torch.int8)],
    "labels": [torch.tensor([0, 1, 0, 1])],
    "class_names": [("b", "a"), ("a", "c")],
    "groups": [None, torch.tensor([0, 1, 2, 0])],
    "parts": [None, torch.tensor([TRAIN, TRAIN, VALIDATION, TRAIN], dtype=torch.uint8)],
    "label_noise": [0.0, 0.2],
    "seed": [0, 4],
    "made_from": ["fonts"],
}
#: What it cannot.
NAMES = {
    "name": "other",
    "source": "other",
    "group_names": (),
    "remark": "other",
    "notes": ("other",),
    "copies": torch.zeros(4),
    "transform": ImageTransform(width=3, height=2, channels=1),
    "sample_names": np.array(["other"] * 4, object),
    "examples": {"other": "other"},
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Dataset)])
def test_the_fingerprint_covers_all_fields_except_names(field: str) -> None:
    for value in CHANGES.get(field, ()):  # type: ignore[attr-defined]
        changed = dataclasses.replace(WHOLE, **{field: value})
        assert changed.fingerprint() != WHOLE.fingerprint()
    if field in NAMES:
        renamed = dataclasses.replace(WHOLE, **{field: NAMES[field]})
        assert renamed.fingerprint() == WHOLE.fingerprint()
    assert (field in CHANGES) != (field in NAMES)


def test_groups_and_parts_are_not_interchangeable() -> None:
    numbers = torch.tensor([0, 1, 0, 1])
    grouped = dataclasses.replace(WHOLE, groups=numbers, parts=None)
    parted = dataclasses.replace(WHOLE, groups=None, parts=numbers)
    assert grouped.fingerprint() != parted.fingerprint()


def test_without_noise_the_seed_does_not_matter() -> None:
    one, other = (dataclasses.replace(WHOLE, label_noise=0.0, seed=seed) for seed in (3, 4))
    assert one.fingerprint() == other.fingerprint()
