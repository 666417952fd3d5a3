import math
from statistics import mean

import pytest
import torch

from sweeper.metrics import class_means


@pytest.mark.parametrize("unit_length", [True, False])
def test_mean_of_each_class(samples, unit_length):
    embeddings, labels = samples(2, 3, 5, counts=[6, 1, 900, 0, 700])
    result = class_means(embeddings, labels, 5, unit_length=unit_length)
    assert result.shape == (2, 3, 5, 5)
    assert result[:, :, 3].isnan().all()
    for i, j, c in [(0, 0, 0), (1, 0, 1), (1, 2, 2), (0, 1, 4)]:
        class_samples = embeddings[i, j][labels == c].tolist()
        if unit_length:
            class_samples = [[a / math.hypot(*x) for a in x] for x in class_samples]
        expected = [mean(column) for column in zip(*class_samples, strict=True)]
        assert result[i, j, c].tolist() == pytest.approx(expected, rel=1e-11, abs=1e-14)


def test_many_equal_float32_values_have_exactly_their_mean():
    result = class_means(torch.full((3000, 2), 0.1), torch.zeros(3000, dtype=torch.long), 1)
    assert torch.equal(result, torch.full((1, 2), 0.1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(samples, dtype):
    embeddings, labels = samples(4, counts=[6, 7])
    low = embeddings.to(dtype)
    result = class_means(low, labels, 2)
    assert result.dtype == torch.float32
    assert torch.equal(result, class_means(low.float(), labels, 2))


def test_a_member_that_is_not_finite_is_nan(samples):
    embeddings, labels = samples(2, 4, counts=[6, 7])
    embeddings[1, 2, 0] = math.nan
    result = class_means(embeddings, labels, 2)
    assert result.isnan().all(-1).tolist() == [[False] * 2, [True] * 2]


def test_labels_out_of_range():
    with pytest.raises(ValueError, match="from 0 to 1"):
        class_means(torch.zeros(2, 2), torch.tensor([0, 2]), 2)
