"""``fashion-mnist-rotated``: Fashion-MNIST turned by 0, 90, 180 or 270°, 40 classes.

A class is a kind of clothes in one orientation. Each image is taken once: of the images of one kind
in one given part the first is left as it is, the second turned by 90° against the clock, the third
by 180°, the fourth by 270°, and so on.
"""

import torch

from sweeper.data.builtin import fashion_mnist
from sweeper.data.raw_dataset import RawDataset

_TURNS = 4


def load() -> RawDataset:
    """Return all images with the given parts.

    Raises:
        SweeperError: as ``fashion-mnist``'s.
    """
    clothes = fashion_mnist.load()
    assert isinstance(clothes.inputs, torch.Tensor)
    assert clothes.parts is not None
    inputs, turns = clothes.inputs.clone(), torch.zeros_like(clothes.labels)
    for alike in torch.stack([clothes.labels, clothes.parts.long()]).unique(dim=1).T:
        of_kind = (clothes.labels == alike[0]) & (clothes.parts == alike[1])
        turns[of_kind] = torch.arange(int(of_kind.sum())) % _TURNS
    for turn in range(1, _TURNS):
        inputs[turns == turn] = clothes.inputs[turns == turn].rot90(turn, dims=(2, 3))
    return RawDataset(
        clothes.source,
        _TURNS * clothes.labels + turns,
        tuple(f"{kind} {90 * turn}°" for kind in clothes.class_names for turn in range(_TURNS)),
        inputs,
        parts=clothes.parts,
    )
