"""The terms that somebody wants beside the loss: which λ, and whether they help at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sweeper.errors import UsageError, unknown
from sweeper.registry.hyperparameters import TERM_LR
from sweeper.registry.losses import DEFAULT_LOSS
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS, repository_terms
from sweeper.repository.recommendation.gain import NO_GAIN, Gain
from sweeper.repository.recommendation.term_advice import TermAdvice


def asked_terms(beside: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the terms that are asked for, in the order of `TERMS`.

    Args:
        beside: their names, between commas if it is one text.

    Raises:
        UsageError: there is no such term, it is named twice or with a λ, or the repository knows
            nothing of it.
    """
    if beside is None:
        return ()
    names = [part.strip() for part in beside.split(",")] if isinstance(beside, str) else [*beside]
    for name in names:
        term, _, value = name.partition("=")
        term = term.removesuffix(".lambda")
        if value or (term != name and term in TERMS):
            raise UsageError(f"beside {name!r}: λ is what is recommended; name the term alone")
        if name not in TERMS:
            raise unknown("term", name, repository_terms())
        if name not in repository_terms():
            known = ", ".join(repository_terms())
            raise UsageError(f"the repository knows nothing of {name} yet; it knows of {known}")
        if names.count(name) > 1:
            raise UsageError(f"the term {name} is named twice; name it once")
    return tuple(term for term in TERMS if term in names)


@dataclass(frozen=True)
class Beside:
    """The terms that are asked for, beside plain softmax and beside margins.

    Terms were measured one at a time, so one at most is recommended beside a loss.

    Attributes:
        softmax: advice for each term beside plain softmax.
        margins: likewise beside a loss with margins.
    """

    softmax: tuple[TermAdvice, ...] = ()
    margins: tuple[TermAdvice, ...] = ()

    @classmethod
    def unmeasured(cls, asked: Sequence[str]) -> "Beside":
        """Return the advice on terms of which nothing was measured: none of them."""
        losses = ("softmax", DEFAULT_LOSS)
        return cls(*(tuple(TermAdvice(term, loss) for term in asked) for loss in losses))

    def advice(self, setting: Setting) -> tuple[TermAdvice, ...]:
        """Return the advice for the loss of a setting."""
        return self.softmax if setting.loss == "softmax" else self.margins

    def recommended(self, setting: Setting) -> TermAdvice | None:
        """Return the advice for the term that is recommended beside the loss of a setting."""
        return next((each for each in self.advice(setting) if each.lambda_ > 0), None)

    def with_term(self, setting: Setting) -> Setting:
        """Return a setting without terms with the one that is recommended beside it, if any."""
        chosen = self.recommended(setting)
        return setting if chosen is None else with_lambda(setting, chosen.term, chosen.lambda_)

    def gain(self, setting: Setting) -> Gain:
        """Return what the term of a setting gains over its loss alone, none without one."""
        gains = (
            each.gain_of(setting[f"{each.term}.lambda"])
            for each in self.advice(setting)
            if each.term in setting.terms
        )
        return next(gains, NO_GAIN)


def with_lambda(setting: Setting, term: str, value: float) -> Setting:
    """Return a setting with one term more, or as it is if λ is 0."""
    if value == 0:
        return setting
    own = {name: setting[name] for name in setting.names}
    return Setting.of(setting.loss, {**own, f"{term}.lambda": value})


def without_terms(setting: Setting) -> Setting:
    """Return a setting's loss alone."""
    own = {name: setting[name] for name in setting.names if "." not in name and name not in TERM_LR}
    return Setting.of(setting.loss, own)


#: Nobody asks for a term.
NO_TERMS = Beside()
