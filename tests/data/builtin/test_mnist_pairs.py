"""``mnist-pairs`` against the original digits."""

import torch

from sweeper.data import describe, load, split


def test_a_pair_is_two_different_digits_of_its_class() -> None:
    pairs, digits = load("mnist-pairs"), load("mnist-5k")
    assert pairs.inputs.shape == (10_000, 1, 28, 56)
    assert pairs.labels.bincount().tolist() == [100] * 100
    assert pairs.class_names[:11] == (*(f"0{digit}" for digit in range(10)), "10")
    assert pairs.source == digits.source
    assert pairs.groups is not None
    assert pairs.groups.bincount().tolist() == [500] * 20
    number = {image.numpy().tobytes(): i for i, image in enumerate(digits.inputs)}
    assert len(number) == 5000
    left, right = (
        torch.tensor([number[image.numpy().tobytes()] for image in pairs.inputs[..., half]])
        for half in (slice(28), slice(28, None))
    )
    assert torch.equal(10 * digits.labels[left] + digits.labels[right], pairs.labels)
    assert (left != right).all()
    # Every image equally often; no pair twice or mirrored.
    for side in (left, right):
        assert side.bincount(minlength=5000).tolist() == [2] * 5000
    both = torch.stack([left, right]).sort(dim=0).values
    assert both.unique(dim=1).shape[1] == 10_000
    # No image in two groups.
    used = torch.stack([torch.cat([left, right]), pairs.groups.repeat(2)])
    assert used.unique(dim=1).shape[1] == 5000


def test_it_is_deterministic_and_splits_evenly() -> None:
    pairs = load("mnist-pairs")
    assert load("mnist-pairs").fingerprint() == pairs.fingerprint()
    for seed in range(3):
        result = split(pairs, False, seed)
        assert [len(result.train), len(result.validation), len(result.test)] == [6000, 2000, 2000]
        assert result.test_labels.bincount().tolist() == [20] * 100
    told = describe(pairs)
    assert told.missing == {"validation": (), "test": ()}
    assert isinstance(told.retrieval, dict)
    assert told.retrieval["held_out_test"] == 400
