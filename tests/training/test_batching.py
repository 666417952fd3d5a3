import torch

from sweeper.training.batching import batches, draws, steps_per_epoch

CPU = torch.device("cpu")


def epoch(n, size, seeds, number):
    return torch.cat(list(batches(n, size, seeds, number, CPU)), dim=1)


def test_every_sample_is_drawn_once_an_epoch_in_nearly_equal_batches():
    sizes = [batch.shape[1] for batch in batches(23, 5, [0, 1], 0, CPU)]
    assert sizes == [5, 5, 5, 4, 4]
    assert steps_per_epoch(23, 5) == 5
    for row in epoch(23, 5, [0, 1], 0).tolist():
        assert sorted(row) == list(range(23))


def test_the_order_is_the_seeds_and_the_epochs_alone():
    together = epoch(50, 10, [3, 8], 2)
    torch.testing.assert_close(together[1], epoch(50, 10, [8], 2)[0])
    assert not together[0].equal(together[1])
    assert not epoch(50, 10, [3], 0).equal(epoch(50, 10, [3], 1))


def test_seeds_and_epochs_do_not_share_streams():
    orders = {tuple(epoch(20, 20, [s], e)[0].tolist()) for s in range(20) for e in range(20)}
    assert len(orders) == 400


def test_a_batch_larger_than_the_data_takes_all_of_them():
    assert epoch(7, 100, [0], 0).shape == (1, 7)
    assert steps_per_epoch(7, 100) == 1


def test_random_layers_are_seeded_apart():
    seeds = {draw for step in range(50) for draw in draws(range(20), step)}
    assert len(seeds) == 1000
