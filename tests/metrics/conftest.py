import pytest
import torch


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


@pytest.fixture
def samples():
    """Draws float64 values [.., N, d] about a mean of each class, and labels [N]."""

    def draw(*shape, counts, noise=0.7):
        generator = torch.Generator().manual_seed(11)
        labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
        labels = labels[torch.randperm(len(labels), generator=generator)]
        *leading, d = shape
        centres = torch.randn(*leading, len(counts), d, generator=generator, dtype=torch.float64)
        noise = noise * torch.randn(
            *leading, len(labels), d, generator=generator, dtype=torch.float64
        )
        return centres[..., labels, :] + noise, labels

    return draw
