import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture
def samples():
    """Draw float64 values [.., N, d] around a mean for each class, and labels [N]."""

    def draw(*shape, counts, noise=0.7):
        generator = torch.Generator().manual_seed(11)
        labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
        labels = labels[torch.randperm(len(labels), generator=generator)]
        *leading, d = shape
        centers = torch.randn(*leading, len(counts), d, generator=generator, dtype=torch.float64)
        noise = noise * torch.randn(
            *leading, len(labels), d, generator=generator, dtype=torch.float64
        )
        return centers[..., labels, :] + noise, labels

    return draw


class _Largest(TorchDispatchMode):
    """Records the size in bytes of the largest tensor computed inside it."""

    bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for each in tree_leaves(result):
            if isinstance(each, torch.Tensor):
                self.bytes = max(self.bytes, each.numel() * each.element_size())
        return result


@pytest.fixture
def largest_tensor():
    """Run a function and return the size in bytes of the largest tensor it computed."""

    def run(function):
        with _Largest() as largest:
            function()
        return largest.bytes

    return run
