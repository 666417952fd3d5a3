import math

import pytest
import torch

from sweeper.losses import NearestMean
from sweeper.losses.nearest_mean import nearness


def test_logits_are_minus_squared_distances_at_unit_length(plain):
    generator = torch.Generator().manual_seed(5)
    features = 3 * torch.randn(7, 4, generator=generator, dtype=torch.float64)
    classifier = NearestMean(3, 4).double()
    classifier.means.copy_(torch.randn(3, 4, generator=generator) / 2)
    logits = classifier.logits(features)
    for x, row in zip(features.tolist(), logits.tolist(), strict=True):
        length = math.sqrt(sum(a * a for a in x))
        for mean, logit in zip(classifier.means.tolist(), row, strict=True):
            squared = sum((a / length - b) ** 2 for a, b in zip(x, mean, strict=True))
            assert logit == pytest.approx(-squared, rel=1e-10)


def test_members_have_separate_means():
    generator = torch.Generator().manual_seed(6)
    features, means = (torch.randn(2, n, 4, generator=generator) for n in (5, 3))
    stacked = nearness(features, means)
    for k in range(2):
        torch.testing.assert_close(stacked[k], nearness(features[k], means[k]))


def test_a_class_without_samples_is_never_nearest_and_nothing_becomes_infinite():
    means = torch.tensor([[1.0, 0.0], [math.nan, math.nan], [-1.0, 0.0]])
    logits = nearness(torch.tensor([[0.0, 1.0], [-5.0, 0.0], [0.0, 0.0]]), means)
    assert logits.isfinite().all()
    assert logits.argmax(-1).tolist()[1] == 2
    assert (logits[:, 1] < logits[:, [0, 2]].amin(-1)).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_fitted_classifier_finds_the_classes(dtype):
    generator = torch.Generator().manual_seed(7)
    labels = torch.arange(30) % 3
    features = (4 * torch.eye(3)[labels] + torch.rand(30, 3, generator=generator)).to(dtype)
    classifier = NearestMean(4, 3).fit(features, labels)  # the fourth class has no samples
    unit = torch.nn.functional.normalize(features.double(), dim=-1)
    expected = torch.stack([unit[labels == c].mean(0) for c in range(3)])
    torch.testing.assert_close(classifier.means[:3].double(), expected, rtol=1e-5, atol=1e-5)
    assert classifier.means[3].isnan().all()
    assert classifier.logits(features).argmax(-1).equal(labels)
