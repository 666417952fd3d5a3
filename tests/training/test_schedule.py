"""The learning-rate schedule, against PyTorch's."""

import math

import torch

from sweeper.training.schedule import cosine_decay, rate_factor


def test_the_rate_falls_as_pytorchs_schedule_does():
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=7)
    for step in range(8):
        assert math.isclose(cosine_decay(step, 7), schedule.get_last_lr()[0], abs_tol=1e-12)
        optimizer.step()
        schedule.step()


def test_unless_told_otherwise_the_rate_falls_at_each_step():
    assert [rate_factor("step", done, 5, 4) for done in range(20)] == [
        cosine_decay(done, 20) for done in range(20)
    ]


def test_the_rate_falls_epoch_by_epoch_as_pytorchs_schedule_does():
    epochs, steps = 6, 3
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    for epoch in range(epochs):
        for step in range(steps):
            ours = rate_factor("epoch", epoch * steps + step, steps, epochs)
            assert math.isclose(ours, schedule.get_last_lr()[0], abs_tol=1e-12)
            optimizer.step()
        schedule.step()
