"""Files of pretrained weights, as users have them."""

import pytest
import torch
from torchvision.models import get_model


def write(file, name, classes=5, wrapped=False, **changes):
    """Write a random state dict of torchvision's net, including batch statistics."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        net = get_model(name, weights=None, num_classes=classes)
        for module in net.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 2)
    state = {**net.state_dict(), **changes}
    state = {key: value for key, value in state.items() if value is not None}
    torch.save({"epoch": 3, "model": state} if wrapped else state, file)
    return net.eval()


@pytest.fixture
def save():
    """Write a file of random weights and return torchvision's net with these weights."""
    return write


@pytest.fixture
def saved(tmp_path):
    """A file of ResNet-18 weights for five classes, and torchvision's net with them."""
    file = tmp_path / "my.pt"
    return file, write(file, "resnet18")
