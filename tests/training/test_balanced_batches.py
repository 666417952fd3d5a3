import pytest
import torch

from sweeper.training.balanced_batches import balanced_batches, balanced_steps

#: 10, 4 and 1 samples of three classes, mixed.
LABELS = torch.tensor([0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1])


def epoch(labels, per_class, seeds, number):
    return torch.stack(list(balanced_batches(labels, per_class, seeds, number)), dim=1)


@pytest.mark.parametrize("per_class", [1, 2, 3, 25])
def test_every_batch_holds_as_many_of_each_class(per_class):
    batches = list(balanced_batches(LABELS, per_class, [0, 1], 0))
    assert len(batches) == balanced_steps(LABELS, per_class)
    for batch in batches:
        assert batch.shape == (2, 3 * per_class)
        for row in LABELS[batch]:
            assert torch.bincount(row).tolist() == [per_class] * 3


@pytest.mark.parametrize(
    ("n", "classes", "per_class", "steps"),
    [(60_000, 10, 25, 240), (1000, 10, 25, 4), (1001, 10, 25, 5), (3, 3, 25, 1), (30, 3, 1, 10)],
)
def test_an_epoch_draws_as_many_samples_as_there_are(n, classes, per_class, steps):
    labels = torch.arange(n) % classes
    assert balanced_steps(labels, per_class) == steps


def test_equal_classes_are_drawn_once_a_sample():
    labels = torch.arange(60) % 3
    for row in epoch(labels, 5, [0, 1], 0).flatten(1).tolist():
        assert sorted(row) == list(range(60))


def test_a_class_starts_over_in_another_order_once_it_is_exhausted():
    drawn = epoch(LABELS, 2, [0, 1], 0)  # three batches: six of each class
    for row in drawn.flatten(1):
        small, single, large = row[LABELS[row] == 1], row[LABELS[row] == 2], row[LABELS[row] == 0]
        assert sorted(small[:4].tolist()) == [2, 7, 10, 14]
        assert len(set(small[4:].tolist())) == 2
        assert single.tolist() == [4] * 6
        assert len(set(large.tolist())) == 6
    often = epoch(LABELS, 100, [0], 0)[0, 0]
    rounds = often[LABELS[often] == 1].view(25, 4)
    assert (rounds.sort(dim=1).values == torch.tensor([2, 7, 10, 14])).all()
    assert len(rounds.unique(dim=0)) > 10


def test_what_an_epoch_leaves_out_another_one_draws():
    drawn = {index for number in range(10) for index in epoch(LABELS, 2, [0], number).unique()}
    assert {int(index) for index in drawn} == set(range(15))


def test_the_order_is_the_seeds_and_the_epochs_alone():
    together = epoch(LABELS, 2, [3, 8], 2)
    assert together[1].equal(epoch(LABELS, 2, [8], 2)[0])
    orders = {
        tuple(epoch(LABELS, 5, [seed], number).flatten().tolist())
        for seed in range(10)
        for number in range(10)
    }
    assert len(orders) == 100


def test_global_random_numbers_are_left_alone_and_do_not_matter():
    torch.manual_seed(0)
    one, after = epoch(LABELS, 2, [0], 0), torch.rand(())
    torch.manual_seed(0)
    assert after == torch.rand(())
    assert one.equal(epoch(LABELS, 2, [0], 0))


@pytest.mark.parametrize(
    ("labels", "counts"),
    [(torch.tensor([0, 2, 2]), r"\[1, 0, 2\]"), (torch.tensor([], dtype=torch.long), r"\[\]")],
)
def test_a_class_without_samples_is_refused(labels, counts):
    with pytest.raises(ValueError, match=f"no samples: {counts}"):
        balanced_steps(labels, 2)
    with pytest.raises(ValueError, match=f"no samples: {counts}"):
        next(balanced_batches(labels, 2, [0], 0))


def test_a_batch_of_none_is_refused():
    with pytest.raises(ValueError, match="at least one sample of each class, not 0"):
        balanced_steps(LABELS, 0)
