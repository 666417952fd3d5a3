"""From a setting to the loss that it stands for, of one member or of an array."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from sweeper.losses.per_member import PerMember
from sweeper.losses.with_terms import LossWithTerms
from sweeper.registry.hyperparameters import Hyperparameter
from sweeper.registry.lookup import resolve
from sweeper.registry.losses import LOSSES, LossInfo
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS, TermInfo

#: A hyperparameter by its name: a number, or a tensor ``[K]`` of an array.
Values = Callable[[str], PerMember]


def make_loss(
    setting: Setting | Mapping[str, Any],
    num_classes: int,
    embedding_size: int,
    training_steps: int = 0,
) -> nn.Module:
    """Return the loss of a setting with all its hyperparameters, and with its terms.

    The learning rates and the weight decay of the setting are the optimizer's.

    Args:
        setting: of any loss in `sweeper.registry.losses.LOSSES`; or its hyperparameters by name
            and the name of the loss, as "setting" of an exported setting.json has them.
        num_classes: C, at least 2.
        embedding_size: d, of the features.
        training_steps: how many there will be, of which a warm-up takes its share.

    Returns:
        A module called as ``loss(features [B, d], labels [B])``; a `LossWithTerms` where there are
        terms. It has ``logits(features)`` unless it is a loss of pairs or triplets.

    Raises:
        ValueError: a size is too small, there is a warm-up and no number of steps, or a mapping
            is no setting.
    """
    if not isinstance(setting, Setting):
        setting = _setting_of(setting)
    if setting["warmup"] and not training_steps:
        raise ValueError("a warm-up is a share of the training; say how many steps it has")
    sizes = num_classes, embedding_size
    loss = loss_module(setting, setting.__getitem__, *sizes, training_steps=training_steps)
    if not setting.terms:
        return loss
    terms, lambdas = {}, {}
    for term in setting.terms:
        terms[term] = term_module(term, setting, setting.__getitem__, *sizes)
        weight = TERMS[term].weight
        lambdas[term] = 1.0 if weight is None else setting[weight]
    return LossWithTerms(loss, terms, lambdas)


def _setting_of(values: Mapping[str, Any]) -> Setting:
    if "loss" not in values:
        raise ValueError('a setting names its "loss"; setting.json has it under "setting"')
    own = {name: value for name, value in values.items() if name not in ("loss", "beside")}
    return Setting.of(values["loss"], own, values.get("beside", ()))


def loss_module(
    setting: Setting,
    values: Values,
    num_classes: int,
    embedding_size: int,
    members: int | None = None,
    training_steps: int = 0,
) -> nn.Module:
    """Return the loss of a setting without its terms, for one member or for an array.

    Args:
        setting: says which loss, and what an array shares, see `structure`.
        values: gives all other hyperparameters.
        num_classes: C.
        embedding_size: d.
        members: K of an array, which the class of another loss may train, see `LossInfo.array`;
            None for one member.
        training_steps: how many there will be.
    """
    info = LOSSES[setting.loss]
    if members is not None and info.array is not None:
        info = LOSSES[info.array]
    given = {name: values(name) for name in info.margins}
    for name, option in info.options.items():
        if not option.in_steps:
            given[name] = _value(option, setting, name, values)
        elif setting[name]:
            given[name] = values(name) * training_steps
    return _made(info, given, num_classes, embedding_size, members)


def term_module(
    term: str,
    setting: Setting,
    values: Values,
    num_classes: int,
    embedding_size: int,
    members: int | None = None,
) -> nn.Module:
    """Return a term beside the loss of a setting, without its λ; arguments as of `loss_module`."""
    info = TERMS[term]
    given = {
        name: _value(hyperparameter, setting, f"{term}.{name}", values)
        for name, hyperparameter in info.hyperparameters.items()
        if f"{term}.{name}" != info.weight
    }
    return _made(info, given, num_classes, embedding_size, members)


def structure(setting: Setting, term: str | None = None) -> str:
    """Return what members must share so that their losses, or one of their terms, are one array."""
    if term is None:
        info = LOSSES[setting.loss]
        name, prefix, hyperparameters = info.array or info.name, "", info.options
    else:
        name, prefix, hyperparameters = term, f"{term}.", TERMS[term].hyperparameters
    shared = []
    for own, hyperparameter in hyperparameters.items():
        value = setting[f"{prefix}{own}"]
        if hyperparameter.shared and value != hyperparameter.default:
            shared.append(f"{own} {value:.0f}")
        elif hyperparameter.in_steps and value:  # those without it have no count of steps
            shared.append(own)
    return ", ".join([name, *shared])


def _value(
    hyperparameter: Hyperparameter, setting: Setting, name: str, values: Values
) -> PerMember:
    return int(setting[name]) if hyperparameter.shared else values(name)


def _made(
    info: LossInfo | TermInfo,
    given: Mapping[str, PerMember],
    num_classes: int,
    embedding_size: int,
    members: int | None,
) -> nn.Module:
    """Call the class of a record with the sizes that it takes and with its hyperparameters."""
    make = resolve(info.module)
    sizes = {"num_classes": num_classes, "embedding_size": embedding_size, "members": members}
    taken = inspect.signature(make).parameters
    named = info.arguments if isinstance(info, LossInfo) else {}
    arguments: dict[str, Any] = {name: size for name, size in sizes.items() if name in taken}
    arguments |= {named.get(name, name): value for name, value in given.items()}
    module: nn.Module = make(**arguments, **info.constants)
    return module
