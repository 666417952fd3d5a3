import pytest
import torch

from sweeper.losses import SoftmaxLoss


def test_single_member(plain, batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = SoftmaxLoss(5, 6).double()
    expected = plain.softmax_loss(
        features.tolist(), loss.weight.tolist(), loss.bias.tolist(), labels.tolist()
    )
    assert loss(features, labels).item() == pytest.approx(expected, rel=1e-12)


def test_array(plain, batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    loss = SoftmaxLoss(5, 6, members=3).double()
    assert loss.weight.shape == (3, 5, 6)
    assert loss.bias.shape == (3, 5)
    expected = [
        plain.softmax_loss(
            features[k].tolist(), loss.weight[k].tolist(), loss.bias[k].tolist(), labels.tolist()
        )
        for k in range(3)
    ]
    assert loss(features, labels).tolist() == pytest.approx(expected, rel=1e-12)


def test_array_members_train_like_single_ones(batch):
    features, labels = batch(3, 30, 6, num_classes=5)
    array = SoftmaxLoss(5, 6, members=3).double()
    array(features, labels).sum().backward()
    for k in range(3):
        alone = SoftmaxLoss(5, 6).double()
        alone.weight.data, alone.bias.data = array.weight.data[k], array.bias.data[k]
        alone(features[k], labels).backward()
        torch.testing.assert_close(array.weight.grad[k], alone.weight.grad, rtol=0, atol=1e-12)
        torch.testing.assert_close(array.bias.grad[k], alone.bias.grad, rtol=0, atol=1e-12)


def test_gradients(batch):
    features, labels = batch(6, 3, num_classes=4)
    loss = SoftmaxLoss(4, 3).double()

    def value(features, weight, bias):
        return torch.func.functional_call(
            loss, {"weight": weight, "bias": bias}, (features, labels)
        )

    assert torch.autograd.gradcheck(value, (features.requires_grad_(), loss.weight, loss.bias))


def test_it_is_a_linear_layer(batch):
    features, _ = batch(30, 6, num_classes=5)
    loss = SoftmaxLoss(5, 6).double()
    expected = torch.nn.functional.linear(features, loss.weight, loss.bias)
    torch.testing.assert_close(loss.logits(features), expected)


def test_it_starts_as_a_linear_layer_does():
    torch.manual_seed(1)
    loss = SoftmaxLoss(300, 64)
    torch.manual_seed(1)
    layer = torch.nn.Linear(64, 300)
    torch.testing.assert_close(loss.weight, layer.weight)
    torch.testing.assert_close(loss.bias, layer.bias)


def test_half_precision_and_autocast(batch):
    features, labels = batch(30, 6, num_classes=5)
    loss = SoftmaxLoss(5, 6)
    exact = loss(features.float(), labels)
    low = loss(features.bfloat16(), labels)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = loss(features.float(), labels)
    assert low.dtype == cast.dtype == torch.float32
    assert low.item() == pytest.approx(exact.item(), abs=0.02)
    assert cast.item() == pytest.approx(exact.item(), abs=0.02)


@pytest.mark.parametrize("sizes", [(1, 6, None), (5, 0, None), (5, 6, 0)])
def test_sizes_that_are_too_small(sizes):
    with pytest.raises(ValueError, match="must be at least"):
        SoftmaxLoss(*sizes)


@pytest.mark.parametrize("label", [5, -100])
def test_every_sample_needs_a_class(label):
    with pytest.raises(ValueError, match="from 0 to 4"):
        SoftmaxLoss(5, 6)(torch.zeros(2, 6), torch.tensor([0, label]))


def test_features_of_another_size():
    with pytest.raises(ValueError, match=r"features must be \[.., B, 6\]"):
        SoftmaxLoss(5, 6)(torch.zeros(2, 7), torch.tensor([0, 1]))
