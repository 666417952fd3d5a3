"""What a study searches, as Optuna's distributions."""

from collections.abc import Mapping

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from sweeper.registry.names import all_hyperparameters
from sweeper.registry.setting import Setting
from sweeper.study.space.dimensions import Choices, Range
from sweeper.study.study_file import StudySpec


def distributions(spec: StudySpec) -> dict[str, BaseDistribution]:
    """Return the distribution of every parameter that a trial of the study can have.

    Of an experiment these are the loss, the terms and all that its settings have, each from its
    smallest to its largest value; one setting has some of them, see `setting_distributions`.
    """
    if spec.kind == "search":
        return {name: _distribution(name, dimension) for name, dimension in spec.space.items()}
    settings = spec.settings_list()
    losses = list(dict.fromkeys(setting.loss for setting in settings))
    found: dict[str, BaseDistribution] = {"loss": CategoricalDistribution(losses)}
    terms = list(dict.fromkeys(_terms(setting) for setting in settings if setting.terms))
    if terms:
        found["beside"] = CategoricalDistribution(terms)
    for name in all_hyperparameters():
        values = [setting[name] for setting in settings if name in setting.names]
        if values:
            found[name] = FloatDistribution(min(values), max(values))
    return found


def setting_distributions(spec: StudySpec, setting: Setting) -> dict[str, BaseDistribution]:
    """Return the distributions of those parameters that one setting of an experiment has."""
    own = parameters(setting)
    return {name: d for name, d in distributions(spec).items() if name in own}


def parameters(setting: Setting) -> dict[str, float | str]:
    """Return a setting as a trial's parameters: the loss, the terms, and all numbers."""
    words = {"loss": setting.loss} | ({"beside": _terms(setting)} if setting.terms else {})
    return {**words, **{name: setting[name] for name in setting.names}}


def searched(spec: StudySpec, setting: Setting) -> dict[str, float]:
    """Return the point of a search's space that is nearest to a setting, as parameters."""
    return rounded({name: space.nearest(setting[name]) for name, space in spec.space.items()})


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Return values by hyperparameter, those that are whole numbers rounded."""
    known = all_hyperparameters()
    whole = {name for name in values if known[name].whole}
    return {name: round(value) if name in whole else value for name, value in values.items()}


def grid_space(spec: StudySpec) -> dict[str, list[float]]:
    """Return the points of each parameter, for a study that the grid sampler works through."""
    return {name: list(dimension.points()) for name, dimension in spec.space.items()}


def _terms(setting: Setting) -> str:
    """Return the terms beside a setting's loss as one word."""
    return " + ".join(setting.terms)


def _distribution(name: str, dimension: Range | Choices) -> BaseDistribution:
    if isinstance(dimension, Choices):
        return CategoricalDistribution(dimension.choices)
    if all_hyperparameters()[name].whole:
        low, high, step = dimension.low, dimension.high, dimension.step or 1
        return IntDistribution(int(low), int(high), log=dimension.log, step=int(step))
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)
