"""The hyperparameters of a loss with its terms, and all there are, as a setting names them."""

from collections.abc import Iterable

from sweeper.registry.hyperparameters import MARGINS, OPTIMIZER, TERM_LR, Hyperparameter
from sweeper.registry.losses import LOSSES, loss_options
from sweeper.registry.terms import TERMS


def own_hyperparameters(loss: str, terms: Iterable[str] = ()) -> dict[str, Hyperparameter]:
    """Return all that a loss with these terms can have, in order: the optimizer's come last."""
    info, of_terms = LOSSES[loss], _of_terms(terms)
    last = TERM_LR if of_terms else {}
    return {**info.margins, **info.options, **of_terms, **OPTIMIZER, **last}


def own_names(loss: str, terms: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of all that a loss with these terms can have."""
    return tuple(own_hyperparameters(loss, terms))


def all_hyperparameters() -> dict[str, Hyperparameter]:
    """Return every hyperparameter there is, in the order of tables and figures.

    Where two losses have one of the same name, it is that of the first.
    """
    own = {name: each for info in reversed(LOSSES.values()) for name, each in info.margins.items()}
    others = {name: own[name] for name in own if name not in MARGINS}
    return {**MARGINS, **loss_options(), **others, **_of_terms(TERMS), **OPTIMIZER, **TERM_LR}


def _of_terms(terms: Iterable[str]) -> dict[str, Hyperparameter]:
    return {
        f"{term}.{name}": hyperparameter
        for term in terms
        for name, hyperparameter in TERMS[term].hyperparameters.items()
    }
