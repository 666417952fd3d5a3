"""A setting: the hyperparameters of one trial. Plain numbers, shared by every layer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from sweeper.registry.aliases import current_name, current_names
from sweeper.registry.hyperparameters import MARGINS, OPTIMIZER, TERM_LR, Hyperparameter
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES
from sweeper.registry.names import all_hyperparameters, own_hyperparameters, own_names
from sweeper.registry.terms import TERMS, term_names

_NUMBERS = (*MARGINS, *OPTIMIZER)


@dataclass(frozen=True)
class Setting:
    """One choice of hyperparameters, see `sweeper.registry.hyperparameters`.

    The target logit of a margin loss is ``scale * (cos(m1 * θ + m2) - m3)``, with θ in radians.
    What the loss does not have keeps its default: margins 1, 0 and 0, which change nothing, and the
    scale 64.

    Attributes:
        loss: one of `sweeper.registry.losses.LOSSES`.
        m1, m2, m3, scale, lr, weight_decay: as above; the optimizer's.
        options: what else there is, by name and in order: the margin of pairs or triplets, options
            of the loss that are not at their defaults, and every hyperparameter of the terms beside
            it. `Setting.of` takes them as a mapping; one of a term is enough to have it.

    Raises:
        ValueError: no such loss, a number that is not finite or out of its range, or one that
            neither the loss nor a term has.
    """

    loss: str = DEFAULT_LOSS
    m1: float = 1.0
    m2: float = 0.0
    m3: float = 0.0
    scale: float = 64.0
    lr: float = 1e-3
    weight_decay: float = 0.0
    options: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"unknown loss {self.loss!r}")
        given = dict(self.options)
        own = own_hyperparameters(self.loss, _terms_of(given))
        object.__setattr__(self, "options", tuple(_complete(self.loss, own, given).items()))
        for name, value in (*((n, getattr(self, n)) for n in _NUMBERS), *given.items()):
            if fault := (own.get(name) or MARGINS[name]).fault(value):
                raise ValueError(f"{name} {fault}")
        for name in MARGINS.keys() - LOSSES[self.loss].margins.keys():
            neutral = MARGINS[name].default
            if getattr(self, name) != neutral:
                value = getattr(self, name)
                raise ValueError(f"{self.loss} has no {name}: it stays {neutral}, not {value}")

    @classmethod
    def of(cls, loss: str, values: Mapping[str, Any], beside: Iterable[str] = ()) -> Self:
        """Return a setting of hyperparameters by name, and terms that need not have any given.

        Names of before are understood: exported winners have them in their code.
        """
        loss, values = current_name(loss), current_names(values)
        beside = tuple(map(current_name, beside))
        if unknown := [term for term in beside if term not in TERMS]:
            raise ValueError(f"unknown term {unknown[0]!r}")
        core = {name: value for name, value in values.items() if name in _NUMBERS}
        more = {name: value for name, value in values.items() if name not in _NUMBERS}
        terms = {
            f"{term}.{name}": hyperparameter.default
            for term in beside
            for name, hyperparameter in TERMS[term].hyperparameters.items()
        }
        return cls(loss, **core, options=tuple({**terms, **more}.items()))

    def __getitem__(self, name: str) -> float:
        """Return any hyperparameter: its default where the setting does not have it."""
        if name in _NUMBERS:
            return float(getattr(self, name))
        given = dict(self.options)
        if name in given:
            return float(given[name])
        return self.lr if name in TERM_LR else all_hyperparameters()[name].default

    def get(self, name: str, absent: float) -> float:
        """Return a hyperparameter, or `absent` where neither the loss nor a term can have it."""
        return self[name] if name in own_names(self.loss, self.terms) else absent

    @property
    def losses(self) -> str:
        """The loss with the terms beside it, ``softmax + center`` for example."""
        return " + ".join((self.loss, *self.terms))

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms beside the loss."""
        return tuple(dict.fromkeys(n.partition(".")[0] for n, _ in self.options if "." in n))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all hyperparameters that the setting has, the optimizer's last."""
        more = [name for name, _ in self.options]
        margins = [name for name in LOSSES[self.loss].margins if name not in more]
        last = [name for name in more if name in TERM_LR]
        return (*margins, *(n for n in more if n not in TERM_LR), *OPTIMIZER, *last)

    def describe(self) -> str:
        """Return the setting in one short phrase, for tables and messages."""
        parts = [(self.loss, [n for n in self.names if "." not in n and n not in _OF_TRAINING])]
        parts += [(term, list(term_names(term))) for term in self.terms]
        shown = []
        for name, own in parts:
            numbers = ", ".join(f"{n.rpartition('.')[2]} {self[n]:.3g}" for n in own)
            shown.append(f"{name} ({numbers})" if numbers else name)
        return " + ".join(shown)


_OF_TRAINING = (*OPTIMIZER, *TERM_LR)

#: What tells one setting from another where neither has anything more: all that the repository
#: knows of.
FIELDS = tuple(field.name for field in fields(Setting) if field.name != "options")


def paper_default(
    loss: str, lr: float = OPTIMIZER["lr"].default, weight_decay: float = 0.0
) -> Setting:
    """Return what the paper of a loss recommends, trained at the given rate and weight decay."""
    rates = {"lr": lr, "weight_decay": weight_decay}
    return Setting.of(loss, {**LOSSES[loss].paper, **rates})


def _terms_of(given: Iterable[str]) -> list[str]:
    """Return the terms that some names of hyperparameters are of, in the order of `TERMS`."""
    named = {name.partition(".")[0] for name in given if "." in name}
    return [term for term in TERMS if term in named]


def _complete(
    loss: str, own: Mapping[str, Hyperparameter], given: Mapping[str, float]
) -> dict[str, float]:
    """Return what is given in order, with all that belongs to it and without what is absent."""
    for name in given:
        if name not in own or name in _NUMBERS:
            raise ValueError(f"{loss} has no {name}")
    complete: dict[str, float] = {}
    for name, hyperparameter in own.items():
        value = given.get(name, hyperparameter.default)
        if name in LOSSES[loss].options:
            needed = value != hyperparameter.default
        elif name in TERM_LR:
            needed = name in given
        else:
            needed = name not in _NUMBERS
        if needed:
            complete[name] = float(value)
    return complete
