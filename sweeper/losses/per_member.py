"""Hyperparameters of losses: a number, or a tensor with one value a member of an array."""

import math
from collections.abc import Collection, Mapping
from functools import reduce

import torch
from torch import Tensor, nn

from sweeper.losses.tensors import check_leading

PerMember = float | Tensor


def check_hyperparameter(
    name: str,
    value: PerMember,
    leading: tuple[int, ...],
    positive: bool = False,
    not_negative: bool = False,
) -> None:
    """Raise ValueError unless a number is in its range, or a tensor fits the leading dimensions.

    The values of tensors are not looked at, since that would wait for the GPU.

    Args:
        name: what messages call it.
        value: a number, or a tensor ``[..]``.
        leading: the shape ``[..]`` of the members.
        positive: refuses 0 and less.
        not_negative: refuses less than 0.
    """
    if isinstance(value, Tensor):
        check_leading(value.shape, leading, name)
    else:
        check_number(name, value, positive, not_negative)


def check_number(
    name: str, value: float, positive: bool = False, not_negative: bool = False
) -> None:
    """Raise ValueError unless a number is finite and in its range."""
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    if positive and value <= 0:
        raise ValueError(f"{name} must be positive, got {value}")
    if not_negative and value < 0:
        raise ValueError(f"{name} must not be negative, got {value}")


def per_member(value: PerMember, like: Tensor, trailing: int) -> PerMember:
    """Return a hyperparameter ``[..]`` with `trailing` axes of 1 behind; a number as it is."""
    if not isinstance(value, Tensor):
        return value
    return value.to(like).reshape(*value.shape, *(1,) * trailing)


def hold(
    module: nn.Module,
    given: Mapping[str, PerMember],
    members: int | None = None,
    positive: Collection[str] = (),
    not_negative: Collection[str] = (),
) -> tuple[int, ...]:
    """Set hyperparameters as attributes of a module, and return the leading shape of its weights.

    Without a tensor and without `members` it is a module of one member, whose numbers stay as they
    are, exact in any precision. Else they become buffers ``[K]``, in the precision of the tensors
    given.

    Args:
        module: whose attributes they become.
        given: the hyperparameters by name.
        members: K where no tensor tells it; None for one member, or as many as the tensors have.
        positive: the names of those that must be positive.
        not_negative: the names of those that must not be negative.

    Raises:
        ValueError: one is out of range, the tensors differ in shape, or `members` is not theirs.
    """
    for name, value in given.items():
        for number in value.flatten().tolist() if isinstance(value, Tensor) else (value,):
            check_number(name, number, name in positive, name in not_negative)
    if members is not None and members < 1:
        raise ValueError(f"members must be at least 1, got {members}")
    tensors = {name: value for name, value in given.items() if isinstance(value, Tensor)}
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if members is not None:
        shapes["members"] = (members,)
    try:
        leading = tuple(torch.broadcast_shapes(*shapes.values()))
    except RuntimeError as error:
        said = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"hyperparameters have different shapes: {said}") from error
    if not shapes:
        for name, value in given.items():
            setattr(module, name, value)
        return ()
    dtypes = (tensor.dtype for tensor in tensors.values())
    dtype = reduce(torch.promote_types, dtypes, torch.get_default_dtype())
    for name, value in given.items():
        held = torch.as_tensor(value, dtype=dtype, device=torch.get_default_device())
        module.register_buffer(name, held.detach().expand(leading).clone())
    return leading
