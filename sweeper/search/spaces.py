"""What a study searches, as Optuna's distributions."""

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

from sweeper.search.dimensions import NAMES, Choices, Range
from sweeper.search.study_file import StudySpec
from sweeper.setting import LOSSES, Setting


def distributions(spec: StudySpec) -> dict[str, BaseDistribution]:
    """Return the distribution of every parameter that a trial of the study can have.

    Of an experiment these are the loss and all that its settings' losses have, each from its
    smallest to its largest value; one setting has some of them, see `setting_distributions`.
    """
    if spec.kind == "search":
        return {name: _distribution(dimension) for name, dimension in spec.space.items()}
    settings = spec.settings_list()
    losses = list(dict.fromkeys(setting.loss for setting in settings))
    found: dict[str, BaseDistribution] = {"loss": CategoricalDistribution(losses)}
    for name in NAMES:
        values = [getattr(s, name) for s in settings if name in parameters(s)]
        if values:
            found[name] = FloatDistribution(min(values), max(values))
    return found


def setting_distributions(spec: StudySpec, setting: Setting) -> dict[str, BaseDistribution]:
    """Return the distributions of those parameters that one setting of an experiment has."""
    own = parameters(setting)
    return {name: d for name, d in distributions(spec).items() if name in own}


def parameters(setting: Setting) -> dict[str, float | str]:
    """Return a setting as a trial's parameters: the loss, what it has, and the optimiser's."""
    names = ("loss", *LOSSES[setting.loss], "lr", "weight_decay")
    return {name: getattr(setting, name) for name in names}


def searched(spec: StudySpec, setting: Setting) -> dict[str, float]:
    """Return the point of a search's space that is nearest to a setting, as parameters."""
    return {name: space.nearest(getattr(setting, name)) for name, space in spec.space.items()}


def grid_space(spec: StudySpec) -> dict[str, list[float]]:
    """Return the points of each parameter, for a study that the grid sampler works through."""
    return {name: list(dimension.points()) for name, dimension in spec.space.items()}


def _distribution(dimension: Range | Choices) -> BaseDistribution:
    if isinstance(dimension, Choices):
        return CategoricalDistribution(dimension.choices)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)
