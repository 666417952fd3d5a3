import torch

from sweeper.losses.repr import described


def test_settings_after_sizes():
    settings = {"margin": torch.tensor([0.5, 1.0]), "mining": "hard"}
    assert described(settings) == "margin=[0.5, 1.0], mining=hard"
    centers = torch.zeros(2, 4, 3)
    sizes = "num_classes=4, embedding_size=3"
    assert described(settings, centers).startswith(f"{sizes}, members=2, margin=")
    assert described({}, centers[0]) == sizes
