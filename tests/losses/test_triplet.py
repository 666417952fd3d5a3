import math

import pytest
import torch
from pytorch_metric_learning import distances, reducers
from pytorch_metric_learning import losses as others

from sweeper.losses import TripletLoss, triplet_loss


def mined(plain_distance, x, y, mining):
    """All (anchor, positive, negative) of lists x [B][d] and y [B], and the squared distances."""
    units = [plain_distance.unit(u) for u in x]
    d = [[plain_distance.squared(u, v) for v in units] for u in units]
    triplets = []
    for a in range(len(y)):
        negatives = sorted((n for n in range(len(y)) if y[n] != y[a]), key=lambda n: d[a][n])
        for p in range(len(y)):
            if p == a or y[p] != y[a] or not negatives:
                continue
            farther = [n for n in negatives if d[a][n] > d[a][p]]
            semi_hard = farther[0] if farther else negatives[-1]
            triplets.append((a, p, semi_hard if mining == "semi-hard" else negatives[0]))
    return triplets, d


def expected(plain_distance, x, y, margin, mining):
    triplets, d = mined(plain_distance, x, y, mining)
    return sum(max(0.0, d[a][p] - d[a][n] + margin) for a, p, n in triplets) / max(len(triplets), 1)


@pytest.mark.parametrize("mining", ["semi-hard", "hard"])
@pytest.mark.parametrize("margin", [0.0, 0.2, 1.0])
def test_single_member(plain_distance, members, margin, mining):
    for k in range(3):
        x, y = members.x[k], members.y[k]
        value = expected(plain_distance, x.tolist(), y.tolist(), margin, mining)
        assert triplet_loss(x, y, margin, mining).item() == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("mining", ["semi-hard", "hard"])
def test_array(plain_distance, members, mining):
    margin = [0.1, 0.2, 1.0]
    x, y = members.x, members.y
    array = triplet_loss(x, y, torch.tensor(margin, dtype=torch.float64), mining)
    for k in range(3):
        value = expected(plain_distance, x[k].tolist(), y[k].tolist(), margin[k], mining)
        assert array[k].item() == pytest.approx(value, rel=1e-12)


def test_labels_may_be_shared(members):
    alone = triplet_loss(members.x[2], members.y[0], 0.5)
    assert triplet_loss(members.x, members.y[0], 0.5)[2].item() == pytest.approx(alone.item())
    assert triplet_loss(members.x.expand(2, 3, 14, 3), members.y, 0.5).shape == (2, 3)


def test_a_negative_as_far_as_the_positive_is_not_farther():
    """Anchor at 0 with its positive at 1 (on a circle, in quarters) and negatives at -1 and 2."""
    quarters = torch.tensor([0, 1, -1, 2]) * math.pi / 2
    x = torch.stack([quarters.cos().round(), quarters.sin().round()], dim=-1)
    y = torch.tensor([0, 0, 1, 2])
    # 0 → 1: d = 2, the negatives at 2 and 4. 1 → 0: d = 2, the negatives at 4 and 2.
    assert triplet_loss(x, y, 3.0).item() == pytest.approx(2 - 4 + 3)
    assert triplet_loss(x, y, 3.0, "hard").item() == pytest.approx(2 - 2 + 3)


def test_without_a_farther_negative_the_farthest_is_taken():
    angles = torch.tensor([0.0, 2.0, 0.1, 1.0])
    x = torch.stack([angles.cos(), angles.sin()], dim=-1)
    y = torch.tensor([0, 0, 1, 2])
    square = [2 - 2 * math.cos(angle) for angle in (2.0, 1.0, 1.9)]
    value = (square[0] - square[1] + 0.5 + square[0] - square[2] + 0.5) / 2
    assert triplet_loss(x, y, 0.5).item() == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("mining", ["semi-hard", "hard"])
def test_gradients(members, mining):
    margin = torch.tensor([0.1, 0.2, 1.0], dtype=torch.float64)
    x, y = members.x.requires_grad_(), members.y
    assert torch.autograd.gradcheck(lambda x: triplet_loss(x, y, margin, mining), (x,))
    assert torch.autograd.gradcheck(lambda x: triplet_loss(x, y[0], 0.5, mining), (x[0],))


@pytest.mark.parametrize("mining", ["semi-hard", "hard"])
def test_odd_batches(odd_batch, check_odd, mining):
    x, y = odd_batch
    value = check_odd(triplet_loss(x, y, 0.2, mining), x)
    assert value == triplet_loss(x.detach().to(value.dtype), y, 0.2, mining)


@pytest.mark.parametrize("mining", ["semi-hard", "hard"])
@pytest.mark.parametrize("labels", [[0, 1, 2], [1, 1, 1], [1], []])
def test_without_a_triplet_it_is_0(labels, mining):
    x = torch.randn(len(labels), 4, requires_grad=True)
    value = triplet_loss(x, torch.tensor(labels, dtype=torch.long), 0.2, mining)
    value.backward()
    assert value == 0
    assert x.grad.count_nonzero() == 0


@pytest.mark.parametrize("mining", ["semi-hard", "hard"])
def test_agrees_with_pytorch_metric_learning_on_given_triplets(plain_distance, members, mining):
    """pytorch-metric-learning mines differently, so it is given our triplets.

    Its semi-hard miner takes every negative within the margin beyond the positive, possibly none.
    By default its loss averages only over triplets with a positive loss.
    """
    theirs = others.TripletMarginLoss(
        margin=0.2,
        distance=distances.LpDistance(normalize_embeddings=True, p=2, power=2),
        reducer=reducers.MeanReducer(),
    )
    for k in range(3):
        x, y = members.x[k].clone().requires_grad_(), members.y[k]
        triplets, _ = mined(plain_distance, x.tolist(), y.tolist(), mining)
        value = theirs(x, y, indices_tuple=tuple(torch.tensor(triplets).T))
        ours = triplet_loss(x, y, 0.2, mining)
        torch.testing.assert_close(ours, value)
        (gradient,), (its,) = (torch.autograd.grad(loss, x) for loss in (ours, value))
        torch.testing.assert_close(gradient, its, rtol=0, atol=1e-7)


def test_module(members):
    x, y = members.x, members.y
    loss = TripletLoss()
    assert (loss.margin, loss.mining) == (0.2, "semi-hard")
    assert loss(x[0], y[0]) == triplet_loss(x[0], y[0], 0.2)
    array = TripletLoss(torch.tensor([0.0, 0.5, 1.0]), mining="hard")
    assert torch.equal(array(x, y), triplet_loss(x, y, array.margin, "hard"))
    assert repr(array) == "TripletLoss(margin=[0.0, 0.5, 1.0], mining=hard)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": torch.zeros(14)}, "features must be"),
        ({"labels": torch.zeros(13, dtype=torch.long)}, "labels of shape"),
        ({"labels": torch.zeros(14)}, "class numbers"),
        ({"margin": -0.1}, "margin must not be negative"),
        ({"margin": math.nan}, "margin must be finite"),
        ({"margin": torch.ones(2)}, "margin of shape"),
        ({"mining": "easy"}, "mining must be one of semi-hard, hard, got 'easy'"),
    ],
)
def test_invalid_arguments_give_one_line(change, message):
    fitting = {
        "features": torch.zeros(14, 3),
        "labels": torch.zeros(14, dtype=torch.long),
        "margin": 0.2,
    }
    with pytest.raises(ValueError, match=message) as caught:
        triplet_loss(**{**fitting, **change})
    assert "\n" not in str(caught.value)


def test_invalid_module_arguments():
    with pytest.raises(ValueError, match="margin must not be negative"):
        TripletLoss(torch.tensor([1.0, -1.0]))
    with pytest.raises(ValueError, match="mining must be one of"):
        TripletLoss(mining="easy")
