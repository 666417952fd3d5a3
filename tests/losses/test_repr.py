import torch

from sweeper.losses.repr import extra_repr


def test_settings_after_sizes():
    settings = {"margin": torch.tensor([0.5, 1.0]), "mining": "hard"}
    assert extra_repr(settings) == "margin=[0.5, 1.0], mining=hard"
    centers = torch.zeros(2, 4, 3)
    sizes = "num_classes=4, embedding_size=3"
    assert extra_repr(settings, centers).startswith(f"{sizes}, members=2, margin=")
    assert extra_repr({}, centers[0]) == sizes
