import math

import pytest
import torch
from pytorch_metric_learning import losses as others

from sweeper.losses import ArcFaceLoss


@pytest.mark.parametrize("margin", [-0.3, 0.0, 0.5, 0.8])
def test_loss(plain, batch, margin):
    features, labels = batch(30, 6, num_classes=5)
    loss = ArcFaceLoss(5, 6, margin=margin, scale=30.0).double()
    expected = plain.margin_loss(
        features.tolist(), loss.weight.tolist(), labels.tolist(), m2=margin, scale=30.0
    )
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_one_margin_per_member(batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    margins = [-0.3, 0.5, 0.8]
    array = ArcFaceLoss(5, 6, margin=torch.tensor(margins, dtype=torch.float64)).double()
    for k, margin in enumerate(margins):
        alone = ArcFaceLoss(5, 6, margin=margin).double()
        alone.weight.data = array.weight.data[k]
        expected = alone(features[k], labels).item()
        assert array(features, labels)[k].item() == pytest.approx(expected, rel=1e-12)


def test_defaults_are_the_papers():
    loss = ArcFaceLoss(5, 6)
    assert (loss.m1, loss.m2, loss.m3, loss.scale) == (1.0, 0.5, 0.0, 64.0)


def test_agrees_with_pytorch_metric_learning_while_the_angle_stays_below_pi(batch):
    """pytorch-metric-learning has its margin in degrees and extends differently past θ + m = π."""
    features, labels = batch(60, 6, num_classes=5)
    ours = ArcFaceLoss(5, 6, margin=0.5).double()
    theirs = others.ArcFaceLoss(5, 6, margin=math.degrees(0.5), scale=64)
    ours.weight.data[labels[0]] = 0.1 - features[0]  # one sample almost opposite to its class
    theirs.W.data = ours.weight.data.T.clone()
    angles = (ours.logits(features) / 64).gather(-1, labels[:, None]).acos().squeeze(-1)
    below = angles < math.pi - 0.5
    assert 0 < below.sum() < len(below)
    torch.testing.assert_close(
        ours(features[below], labels[below]), theirs(features[below], labels[below])
    )
    # Past π theirs continues as cos θ - m sin m, which is not continuous with cos(θ + m).
    past = ours(features[~below], labels[~below]) - theirs(features[~below], labels[~below])
    assert past.abs() > 1e-3
