import pytest
import torch
from pytorch_metric_learning import losses as others

from sweeper.losses import CosFaceLoss


@pytest.mark.parametrize("margin", [-0.2, 0.0, 0.35])
def test_loss(plain, batch, margin):
    features, labels = batch(30, 6, num_classes=5)
    loss = CosFaceLoss(5, 6, margin=margin, scale=30.0).double()
    expected = plain.margin_loss(
        features.tolist(), loss.weight.tolist(), labels.tolist(), m3=margin, scale=30.0
    )
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_one_margin_and_scale_per_member(batch):
    features, labels = batch(2, 30, 6, num_classes=5)
    settings = [(-0.2, 8.0), (0.35, 64.0)]
    margins, scales = torch.tensor(settings, dtype=torch.float64).unbind(-1)
    array = CosFaceLoss(5, 6, margin=margins, scale=scales).double()
    for k, (margin, scale) in enumerate(settings):
        alone = CosFaceLoss(5, 6, margin=margin, scale=scale).double()
        alone.weight.data = array.weight.data[k]
        expected = alone(features[k], labels).item()
        assert array(features, labels)[k].item() == pytest.approx(expected, rel=1e-12)


def test_defaults_are_the_papers():
    loss = CosFaceLoss(5, 6)
    assert (loss.m1, loss.m2, loss.m3, loss.scale) == (1.0, 0.0, 0.35, 64.0)


def test_agrees_with_pytorch_metric_learning(batch):
    features, labels = batch(30, 6, num_classes=5)
    ours = CosFaceLoss(5, 6).double()
    theirs = others.CosFaceLoss(5, 6)
    theirs.W.data = ours.weight.data.T.clone()
    torch.testing.assert_close(ours(features, labels), theirs(features, labels))
