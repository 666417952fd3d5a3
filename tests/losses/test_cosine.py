import math

import pytest
import torch

from sweeper.losses import cosine_similarity


def test_cosines_of_every_pair(plain, batch):
    features, _ = batch(3, 7, 5, num_classes=4)
    weight = features.flip(-1)[:, :4] * 3
    cosine = cosine_similarity(features, weight)
    for k in range(3):
        expected = [[plain.cosine(x, w) for w in weight[k].tolist()] for x in features[k].tolist()]
        torch.testing.assert_close(cosine[k], torch.tensor(expected, dtype=torch.float64))


def test_an_array_may_share_its_features(batch):
    features, _ = batch(7, 5, num_classes=4)
    weight = torch.randn(3, 4, 5, dtype=torch.float64)
    assert cosine_similarity(features, weight).shape == (3, 7, 4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_and_autocast_are_computed_in_float32(batch, dtype):
    features, _ = batch(7, 64, num_classes=4)
    weight = torch.randn(4, 64)
    exact = cosine_similarity(features.to(dtype).double(), weight.double())
    with torch.autocast("cpu", dtype=dtype):
        cosine = cosine_similarity(features.to(dtype), weight)
    assert cosine.dtype == torch.float32
    assert (cosine - exact).abs().max() < 1e-6


def test_small_angles_survive_in_float64():
    angles = torch.tensor([1e-4, 1e-3, math.pi - 1e-4], dtype=torch.float64)
    cosine = cosine_similarity(
        7 * torch.stack([angles.cos(), angles.sin()], -1),
        torch.tensor([[2.0, 0.0]], dtype=torch.float64),
    )
    torch.testing.assert_close(cosine[:, 0].acos(), angles, rtol=0, atol=1e-10)


@pytest.mark.parametrize("length", [1e-10, 1.0, 1e15])
def test_the_length_does_not_matter(length):
    x, w = torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 0.0]])
    assert cosine_similarity(x * length, w).item() == pytest.approx(0.6, abs=1e-6)


def test_zeros_have_the_cosine_zero_and_no_gradient():
    features = torch.zeros(2, 5, requires_grad=True)
    weight = torch.randn(3, 5).index_fill(0, torch.tensor([1]), 0.0).requires_grad_()
    cosine = cosine_similarity(features, weight)
    cosine.sum().backward()
    assert torch.equal(cosine, torch.zeros(2, 3))
    assert torch.equal(features.grad, torch.zeros(2, 5))
    assert torch.equal(weight.grad, torch.zeros(3, 5))


def test_a_nan_stays_with_its_sample():
    features = torch.ones(2, 5)
    features[0, 0] = math.nan
    cosine = cosine_similarity(features, torch.ones(3, 5))
    assert cosine[0].isnan().all()
    assert cosine[1].isfinite().all()


@pytest.mark.parametrize("shape", [(5,), (7, 4), (2, 7, 5)])
def test_shapes_that_do_not_fit(shape):
    with pytest.raises(ValueError, match="features"):
        cosine_similarity(torch.zeros(shape), torch.zeros(3, 4, 5))


# PyTorch's forward mode itself uses what it deprecates.
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:FutureWarning")
@pytest.mark.parametrize("classes", [3, 9], ids=["fewer classes than features", "more"])
def test_gradients_to_the_second_order(classes):
    torch.manual_seed(0)
    features = torch.randn(2, 4, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, classes, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(cosine_similarity, (features, weight), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(cosine_similarity, (features, weight))


@pytest.mark.parametrize("classes", [3, 9], ids=["fewer classes than features", "more"])
def test_gradients_are_those_of_normalized_vectors(classes):
    # Many samples share a weight, and an array its features: both gradients are sums.
    torch.manual_seed(0)
    features = torch.randn(6, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, classes, 5, dtype=torch.float64, requires_grad=True)
    upstream = torch.randn(2, 6, classes, dtype=torch.float64)
    normalize = torch.nn.functional.normalize
    expected = torch.autograd.grad(
        normalize(features, dim=-1) @ normalize(weight, dim=-1).mT, (features, weight), upstream
    )
    found = torch.autograd.grad(cosine_similarity(features, weight), (features, weight), upstream)
    torch.testing.assert_close(found, expected)


def test_one_sample_at_a_time_under_vmap():
    torch.manual_seed(0)
    features, weight = torch.randn(6, 5), torch.randn(3, 5)

    def smallest(x):
        return cosine_similarity(x.unsqueeze(0), weight).min()

    gradients = torch.func.vmap(torch.func.grad(smallest))(features)
    alone = torch.stack([torch.func.grad(smallest)(x) for x in features])
    torch.testing.assert_close(gradients, alone)
