import pytest
import torch
from pytorch_metric_learning import losses as others

from sweeper.losses import SphereFaceLoss


@pytest.mark.parametrize("margin", [0.7, 1.0, 1.35, 4.0])
def test_loss(plain, batch, margin):
    features, labels = batch(30, 6, num_classes=5)
    loss = SphereFaceLoss(5, 6, margin=margin, scale=30.0).double()
    expected = plain.margin_loss(
        features.tolist(), loss.weight.tolist(), labels.tolist(), m1=margin, scale=30.0
    )
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_one_margin_per_member(batch):
    features, labels = batch(2, 30, 6, num_classes=5)
    margins = [1.35, 4.0]
    array = SphereFaceLoss(5, 6, margin=torch.tensor(margins, dtype=torch.float64)).double()
    for k, margin in enumerate(margins):
        alone = SphereFaceLoss(5, 6, margin=margin).double()
        alone.weight.data = array.weight.data[k]
        expected = alone(features[k], labels).item()
        assert array(features, labels)[k].item() == pytest.approx(expected, rel=1e-12)


def test_defaults():
    loss = SphereFaceLoss(5, 6)
    assert (loss.m1, loss.m2, loss.m3, loss.scale) == (1.35, 0.0, 0.0, 64.0)


# pytorch-metric-learning passes a tensor to scipy, about which newer NumPy warns.
@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")
@pytest.mark.parametrize("margin", [1, 2, 3, 4])
def test_agrees_with_pytorch_metric_learning_on_unit_vectors(batch, margin):
    """pytorch-metric-learning has whole m alone, and multiplies by the length of the features."""
    features, labels = batch(30, 6, num_classes=5)
    features = torch.nn.functional.normalize(features, dim=-1)
    ours = SphereFaceLoss(5, 6, margin=margin, scale=16.0).double()
    theirs = others.SphereFaceLoss(5, 6, margin=margin, scale=16)
    theirs.W.data = ours.weight.data.T.clone()
    torch.testing.assert_close(ours(features, labels), theirs(features, labels))
