"""AdamW with a rate a member, against torch.optim.AdamW a member."""

import pytest
import torch

from sweeper.training.optimizer import MemberAdamW, narrowed
from sweeper.training.schedule import cosine_decay

LR = [1e-3, 3e-2, 0.5]
DECAY = [0.0, 0.1, 0.5]


def gradients(step, shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(step), dtype=torch.float64)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("transposed", [False, True], ids=["contiguous", "strided gradients"])
def test_members_move_as_under_their_own_optimizer(transposed, dtype, tolerance):
    # PyTorch's fused Adam on the CPU ignores the strides of gradients: see optimizer.py.
    start = gradients(99, (3, 4, 5)).to(dtype)
    stacked = torch.nn.Parameter(start.clone())
    alone = [torch.nn.Parameter(start[m].clone()) for m in range(3)]
    members = torch.arange(3)
    ours = MemberAdamW(
        [(stacked, members)], torch.tensor(LR, dtype=dtype), torch.tensor(DECAY, dtype=dtype)
    )
    theirs = [
        torch.optim.AdamW([p], lr=lr, weight_decay=decay, fused=False, foreach=False)
        for p, lr, decay in zip(alone, LR, DECAY, strict=True)
    ]
    for step in range(5):
        gradient = gradients(step, (3, 4, 5)).to(dtype)
        stacked.grad = (
            gradient.transpose(1, 2).contiguous().transpose(1, 2) if transposed else gradient
        )
        ours.step(0.5)
        for m, optimizer in enumerate(theirs):
            alone[m].grad = gradient[m].clone()
            optimizer.param_groups[0]["lr"] = 0.5 * LR[m]
            optimizer.step()
            torch.testing.assert_close(stacked[m], alone[m], rtol=0, atol=tolerance)


def test_a_parameter_of_some_members_takes_their_rates():
    stacked = torch.nn.Parameter(torch.zeros(2, 3, dtype=torch.float64))
    optimizer = MemberAdamW(
        [(stacked, torch.tensor([0, 2]))],
        torch.tensor(LR, dtype=torch.float64),
        torch.zeros(3).double(),
    )
    stacked.grad = torch.ones(2, 3, dtype=torch.float64)
    optimizer.step(1.0)  # Adam's first step is the rate itself, against the sign of the gradient
    torch.testing.assert_close(
        stacked[:, 0], torch.tensor([-1e-3, -0.5]).double(), rtol=1e-6, atol=0
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_factor_may_be_a_tensor_whose_value_changes(dtype):
    def run(factors):
        stacked = torch.nn.Parameter(gradients(99, (3, 4)).to(dtype))
        optimizer = MemberAdamW(
            [(stacked, torch.arange(3))],
            torch.tensor(LR, dtype=dtype),
            torch.tensor(DECAY, dtype=dtype),
        )
        for step, factor in enumerate(factors):
            stacked.grad = gradients(step, (3, 4)).to(dtype)
            optimizer.step(factor)
        return stacked.detach()

    numbers, held = [cosine_decay(step, 7) for step in range(5)], torch.zeros((), dtype=dtype)
    assert run(numbers).equal(run(held.fill_(number) for number in numbers))


def test_no_gradient_is_left_behind():
    parameter, unused = (torch.nn.Parameter(torch.zeros(3, 2)) for _ in range(2))
    members = torch.arange(3)
    optimizer = MemberAdamW(
        [(parameter, members), (unused, members)], torch.tensor(LR), torch.tensor(DECAY)
    )
    parameter.grad = torch.ones(3, 2)
    optimizer.step(1.0)
    assert all(tensor.grad is None for tensor in (parameter, unused, *optimizer.directions))
    assert unused.equal(torch.zeros(3, 2))
    parameter.grad = torch.ones(3, 2)
    optimizer.forget_gradients()
    assert parameter.grad is None


def test_who_is_kept_goes_on_with_what_it_had():
    def run(keep):
        stacked = torch.nn.Parameter(gradients(99, (3, 4)))
        optimizer = MemberAdamW(
            [(stacked, torch.arange(3))],
            torch.tensor(LR, dtype=torch.float64),
            torch.tensor(DECAY, dtype=torch.float64),
        )
        for step in range(4):
            if step == 2 and keep:
                optimizer.keep(torch.tensor([0, 2]))
            gradient = gradients(step, (3, 4))
            stacked.grad = gradient[[0, 2]] if keep and step >= 2 else gradient
            optimizer.step(1.0)
        return stacked.detach()

    torch.testing.assert_close(run(True), run(False)[[0, 2]], rtol=0, atol=0)


def test_members_are_renumbered_among_those_kept():
    local, members = narrowed(torch.tensor([1, 3, 4, 6]), torch.tensor([0, 3, 6]))
    assert local.tolist() == [1, 3]
    assert members.tolist() == [1, 2]
