"""``fashion-mnist-rotated``: Fashion-MNIST rotated by 0, 90, 180 or 270°, 40 classes.

A class is a kind of clothing in one orientation. Each image is used once: within each kind and
predefined part, the first is kept, the second rotated by 90° counterclockwise, the third by 180°,
the fourth by 270°, and so on.
"""

import torch

from sweeper.data.builtin import fashion_mnist
from sweeper.data.raw_dataset import RawDataset

_TURNS = 4


def load() -> RawDataset:
    """Return all images with their predefined parts.

    Raises:
        SweeperError: as for ``fashion-mnist``.
    """
    clothes = fashion_mnist.load()
    assert isinstance(clothes.inputs, torch.Tensor)
    assert clothes.parts is not None
    inputs, turns = clothes.inputs.clone(), torch.zeros_like(clothes.labels)
    for kind_and_part in torch.stack([clothes.labels, clothes.parts.long()]).unique(dim=1).T:
        selected = (clothes.labels == kind_and_part[0]) & (clothes.parts == kind_and_part[1])
        turns[selected] = torch.arange(int(selected.sum())) % _TURNS
    for turn in range(1, _TURNS):
        inputs[turns == turn] = clothes.inputs[turns == turn].rot90(turn, dims=(2, 3))
    return RawDataset(
        clothes.source,
        _TURNS * clothes.labels + turns,
        tuple(f"{kind} {90 * turn}°" for kind in clothes.class_names for turn in range(_TURNS)),
        inputs,
        parts=clothes.parts,
    )
