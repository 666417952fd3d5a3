import pytest
import torch

from sweeper.losses import mean_cross_entropy


@pytest.mark.parametrize("own_labels", [True, False])
def test_mean_of_each_member(plain, batch, own_labels):
    logits, labels = batch(3, 20, 5, num_classes=5)
    logits = 60 * logits
    each = torch.stack([labels.roll(k) if own_labels else labels for k in range(3)])
    losses = mean_cross_entropy(logits, each if own_labels else labels)
    for k in range(3):
        rows = zip(logits[k].tolist(), each[k].tolist(), strict=True)
        expected = sum(plain.cross_entropy(row, label) for row, label in rows) / 20
        assert losses[k].item() == pytest.approx(expected, rel=1e-12)


def test_one_member_is_one_number(batch):
    logits, labels = batch(20, 5, num_classes=5)
    assert mean_cross_entropy(logits, labels).shape == ()
    assert mean_cross_entropy(logits, labels.to(torch.uint8)).shape == ()


def test_half_precision_is_computed_in_float32(batch):
    logits, labels = batch(20, 5, num_classes=5)
    low = logits.bfloat16()
    assert torch.equal(mean_cross_entropy(low, labels), mean_cross_entropy(low.float(), labels))


@pytest.mark.parametrize("label", [5, -1, -100])
def test_every_sample_needs_a_class(label):
    with pytest.raises(ValueError, match="labels must be from 0 to 4"):
        mean_cross_entropy(torch.zeros(2, 5), torch.tensor([0, label]))


@pytest.mark.parametrize("labels", [torch.zeros(3), torch.zeros(2, dtype=torch.long)])
def test_labels_must_be_one_class_number_per_sample(labels):
    with pytest.raises(ValueError, match="labels"):
        mean_cross_entropy(torch.zeros(3, 5), labels)
