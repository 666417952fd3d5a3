"""Hyperparameters of losses: a number, or a tensor with one value per member of an array."""

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
    """Raise ValueError unless a number is in range, or a tensor matches the leading dimensions.

    Values of tensors are not checked: reading them would wait for the GPU.

    Args:
        name: its name in error messages.
        value: a number, or a tensor ``[..]``.
        leading: the shape ``[..]`` of the members.
        positive: whether it must be above 0.
        not_negative: whether it must be at least 0.
    """
    if isinstance(value, Tensor):
        check_leading(value.shape, leading, name)
    else:
        check_number(name, value, positive, not_negative)


def check_number(
    name: str, value: float, positive: bool = False, not_negative: bool = False
) -> None:
    """Raise ValueError unless a number is finite and in range."""
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    if positive and value <= 0:
        raise ValueError(f"{name} must be positive, got {value}")
    if not_negative and value < 0:
        raise ValueError(f"{name} must not be negative, got {value}")


def check_angle(name: str, value: PerMember) -> None:
    """Raise ValueError where a number is no angle in radians; tensors are not checked.

    What lies beyond ±π was meant in degrees, as `pytorch_metric_learning.losses.ArcFaceLoss` has
    its margin.
    """
    if not isinstance(value, Tensor) and abs(value) > math.pi:
        radians = math.radians(value)
        raise ValueError(
            f"{name} is in radians, from -π to π, got {value:g}; {value:g}° are {radians:.4g}"
        )


def per_member(value: PerMember, like: Tensor, trailing: int) -> PerMember:
    """Return a tensor ``[..]`` with `trailing` axes of size 1 appended; a number unchanged."""
    if not isinstance(value, Tensor):
        return value
    return value.to(like).reshape(*value.shape, *(1,) * trailing)


def register_hyperparameters(
    module: nn.Module,
    hyperparameters: Mapping[str, PerMember],
    members: int | None = None,
    positive: Collection[str] = (),
    not_negative: Collection[str] = (),
) -> tuple[int, ...]:
    """Set hyperparameters as attributes of a module and return the leading shape of its weights.

    Without tensors and without `members` the module has one member and keeps the numbers as they
    are, exact in any precision. Otherwise they become buffers ``[K]`` in the precision of the given
    tensors.

    Args:
        module: the module that gets the attributes.
        hyperparameters: values by name.
        members: K if no value is a tensor; None for a single member, or to take K from the tensors.
        positive: names of the hyperparameters that must be positive.
        not_negative: names of the hyperparameters that must not be negative.

    Raises:
        ValueError: a value is out of range, the tensors differ in shape, or `members` contradicts
            them.
    """
    for name, value in hyperparameters.items():
        for number in value.flatten().tolist() if isinstance(value, Tensor) else (value,):
            check_number(name, number, name in positive, name in not_negative)
    if members is not None and members < 1:
        raise ValueError(f"members must be at least 1, got {members}")
    tensors = {name: value for name, value in hyperparameters.items() if isinstance(value, Tensor)}
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if members is not None:
        shapes["members"] = (members,)
    try:
        leading = tuple(torch.broadcast_shapes(*shapes.values()))
    except RuntimeError as error:
        described = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"hyperparameters have different shapes: {described}") from error
    if not shapes:
        for name, value in hyperparameters.items():
            setattr(module, name, value)
        return ()
    dtypes = (tensor.dtype for tensor in tensors.values())
    dtype = reduce(torch.promote_types, dtypes, torch.get_default_dtype())
    for name, value in hyperparameters.items():
        tensor = torch.as_tensor(value, dtype=dtype, device=torch.get_default_device())
        module.register_buffer(name, tensor.detach().expand(leading).clone())
    return leading
