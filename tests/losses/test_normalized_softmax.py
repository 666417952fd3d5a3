import pytest
import torch
from pytorch_metric_learning import losses as others

from sweeper.losses import CombinedMarginLoss, NormalizedSoftmaxLoss


@pytest.mark.parametrize("scale", [1.0, 16.0, 64.0])
def test_loss(plain, batch, scale):
    features, labels = batch(30, 6, num_classes=5)
    loss = NormalizedSoftmaxLoss(5, 6, scale=scale).double()
    expected = plain.margin_loss(
        features.tolist(), loss.weight.tolist(), labels.tolist(), scale=scale
    )
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_one_scale_per_member(batch):
    features, labels = batch(2, 30, 6, num_classes=5)
    array = NormalizedSoftmaxLoss(5, 6, scale=torch.tensor([8.0, 64.0])).double()
    for k, scale in enumerate((8.0, 64.0)):
        alone = NormalizedSoftmaxLoss(5, 6, scale=scale).double()
        alone.weight.data = array.weight.data[k]
        expected = alone(features[k], labels).item()
        assert array(features, labels)[k].item() == pytest.approx(expected, rel=1e-12)


def test_trains_on_its_own_logits(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = NormalizedSoftmaxLoss(5, 6).double()
    expected = torch.nn.functional.cross_entropy(loss.logits(features), labels)
    torch.testing.assert_close(loss(features, labels), expected)


def test_is_the_combined_loss_without_margins(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = NormalizedSoftmaxLoss(5, 6).double()
    combined = CombinedMarginLoss(5, 6, 1.0, 0.0, 0.0).double()
    combined.load_state_dict(loss.state_dict())
    assert torch.equal(loss(features, labels), combined(features, labels))


def test_agrees_with_pytorch_metric_learning(batch):
    """pytorch-metric-learning divides by a temperature: the scale's inverse."""
    features, labels = batch(30, 6, num_classes=5)
    ours = NormalizedSoftmaxLoss(5, 6, scale=20.0).double()
    theirs = others.NormalizedSoftmaxLoss(5, 6, temperature=0.05)
    theirs.W.data = ours.weight.data.T.clone()
    torch.testing.assert_close(ours(features, labels), theirs(features, labels))
