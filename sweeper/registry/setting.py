"""A setting: the hyperparameters of one trial. Plain numbers, shared by every layer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from sweeper.registry.hyperparameters import (
    HYPERPARAMETERS,
    MARGINS,
    OPTIMIZER,
    OPTIONS,
    PAIR_MARGINS,
    TERM_LR,
    TERMS,
    term_names,
)

#: Plain softmax, and what the combined margin loss covers: the margins and the scale of each; the
#: others stay neutral. The repository knows of these.
MARGIN_LOSSES: dict[str, tuple[str, ...]] = {
    "softmax": (),
    "normalized-softmax": ("scale",),
    "sphereface": ("m1", "scale"),
    "cosface": ("m3", "scale"),
    "arcface": ("m2", "scale"),
    "combined": ("m1", "m2", "m3", "scale"),
}

#: Every loss that a net can be trained with, and what it has in any case.
LOSSES: dict[str, tuple[str, ...]] = {
    **MARGIN_LOSSES,
    "a-softmax": ("m1",),
    "adacos": (),
    "adacos-fixed": (),
    **dict.fromkeys(PAIR_MARGINS, ("margin",)),
}

#: What a loss can have beside that.
_SUBCENTERS, _WARMUP = ("subcenters", "learn_scale"), ("subcenters", "learn_scale", "warmup")
LOSS_OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(LOSSES, ()),
    "normalized-softmax": _SUBCENTERS,
    "sphereface": _WARMUP,
    "cosface": _WARMUP,
    "arcface": _WARMUP,
    "combined": _WARMUP,
    "a-softmax": ("anneal_from", "anneal_rate", "anneal_to"),
}

_NUMBERS = (*MARGINS, *OPTIMIZER)


@dataclass(frozen=True)
class Setting:
    """One choice of hyperparameters, see `sweeper.registry.hyperparameters`.

    The target logit of a margin loss is ``scale * (cos(m1 * θ + m2) - m3)``, with θ in radians.
    What the loss does not have keeps its default: margins 1, 0 and 0, which change nothing, and the
    scale 64.

    Attributes:
        loss: one of `LOSSES`.
        m1, m2, m3, scale, lr, weight_decay: as above; the optimizer's.
        options: what else there is, by name and in order: the margin of pairs or triplets, options
            of the loss that are not at their defaults, and every hyperparameter of the terms beside
            it. `Setting.of` takes them as a mapping; one of a term is enough to have it.

    Raises:
        ValueError: no such loss, a number that is not finite or out of its range, or one that
            neither the loss nor a term has.
    """

    loss: str = "combined"
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
        object.__setattr__(self, "options", tuple(_complete(self.loss, given).items()))
        for name, value in (*((n, getattr(self, n)) for n in _NUMBERS), *given.items()):
            if fault := HYPERPARAMETERS[name].fault(value):
                raise ValueError(f"{name} {fault}")
        for name in MARGINS.keys() - set(LOSSES[self.loss]):
            neutral = MARGINS[name].default
            if getattr(self, name) != neutral:
                value = getattr(self, name)
                raise ValueError(f"{self.loss} has no {name}: it stays {neutral}, not {value}")

    @classmethod
    def of(cls, loss: str, values: Mapping[str, Any], beside: Iterable[str] = ()) -> Self:
        """Return a setting of hyperparameters by name, and terms that need not have any given."""
        beside = tuple(beside)
        if unknown := [term for term in beside if term not in TERMS]:
            raise ValueError(f"unknown term {unknown[0]!r}")
        core = {name: value for name, value in values.items() if name in _NUMBERS}
        more = {name: value for name, value in values.items() if name not in _NUMBERS}
        terms = {n: HYPERPARAMETERS[n].default for term in beside for n in term_names(term)}
        return cls(loss, **core, options=tuple({**terms, **more}.items()))

    def __getitem__(self, name: str) -> float:
        """Return any hyperparameter: its default where the setting does not have it."""
        if name in _NUMBERS:
            return float(getattr(self, name))
        default = self.lr if name in TERM_LR else HYPERPARAMETERS[name].default
        return float(dict(self.options).get(name, default))

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
        margins = [name for name in LOSSES[self.loss] if name not in more]
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


def own_names(loss: str, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of all hyperparameters that a loss with these terms can have."""
    terms = [name for term in beside for name in term_names(term)]
    last = TERM_LR if terms else ()
    return (*LOSSES[loss], *LOSS_OPTIONS[loss], *terms, *OPTIMIZER, *last)


def _complete(loss: str, given: Mapping[str, float]) -> dict[str, float]:
    """Return what is given in order, with all that belongs to it and without what is absent."""
    terms = dict.fromkeys(name.partition(".")[0] for name in given if "." in name)
    allowed = own_names(loss, [term for term in TERMS if term in terms])
    for name in given:
        if name not in allowed or name in _NUMBERS:
            raise ValueError(f"{loss} has no {name}")
    complete: dict[str, float] = {}
    for name in allowed:
        if name == "margin":
            complete[name] = float(given.get(name, PAIR_MARGINS[loss].default))
        elif "." in name or (name in given and name not in OPTIONS):
            complete[name] = float(given.get(name, HYPERPARAMETERS[name].default))
        elif name in OPTIONS and given.get(name, OPTIONS[name].default) != OPTIONS[name].default:
            complete[name] = float(given[name])
    return complete


#: The settings that the papers recommend, for comparison: ArcFace, CosFace and the combination from
#: Deng et al. 2019, CosFace's margin from Wang et al. 2018, SphereFace with normalized features,
#: A-Softmax from Liu et al. 2017; AdaCos has nothing to set.
DEFAULTS: dict[str, Setting] = {
    "softmax": Setting("softmax"),
    "normalized-softmax": Setting("normalized-softmax"),
    "sphereface": Setting("sphereface", m1=1.35),
    "cosface": Setting("cosface", m3=0.35),
    "arcface": Setting("arcface", m2=0.5),
    "combined": Setting("combined", m2=0.3, m3=0.2),
    "a-softmax": Setting("a-softmax", m1=4.0),
    "adacos": Setting("adacos"),
    "adacos-fixed": Setting("adacos-fixed"),
    **{loss: Setting(loss) for loss in PAIR_MARGINS},
}


def paper_default(loss: str, lr: float, weight_decay: float) -> Setting:
    """Return what the paper of a loss recommends, trained at the given rate and weight decay."""
    return replace(DEFAULTS[loss], lr=lr, weight_decay=weight_decay)
