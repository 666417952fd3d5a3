"""Margins and a scale inside somebody's own Optuna objective."""

from typing import TYPE_CHECKING

from optuna import Trial
from optuna.trial import BaseTrial

from sweeper.errors import UsageError, unknown
from sweeper.registry.setting import MARGIN_LOSSES, Setting
from sweeper.repository.recommendation.expressible import expressed, is_expressible
from sweeper.study.default_space import SPACE

if TYPE_CHECKING:
    from sweeper.repository.recommendation.recommendation import Recommendation


def suggest_margins(
    trial: BaseTrial, loss: str = "combined", known: "Recommendation | None" = None
) -> Setting:
    """Suggest a loss's margins and scale: parameters m1, m2, m3 and scale, as far as it has them.

    The ranges are those that ``sweeper run`` searches. With `known`, the trial numbered 0 queues
    the settings worth trying first in its study, so that trials 1, 2, … take them; other parameters
    of the objective are sampled in these, too.

    Args:
        trial: of the running study, or a `FixedTrial` of parameters to build a setting from.
        loss: whose margins and scale to suggest; all but plain softmax have some.
        known: a recommendation; starts that `loss` cannot express are left out, and those beyond
            the ranges moved to their ends.

    Returns:
        The setting, m2 in radians. Its learning rate and weight decay are the defaults of
        `Setting`: the training is the caller's own.

    Raises:
        UsageError: there is no such loss, or it has neither margin nor scale.
    """
    if loss not in MARGIN_LOSSES:
        raise unknown("loss", loss, MARGIN_LOSSES)
    if not MARGIN_LOSSES[loss]:
        raise UsageError(f"{loss} has no margin or scale to suggest")
    space = {name: SPACE[name] for name in MARGIN_LOSSES[loss]}
    if known is not None and isinstance(trial, Trial) and trial.number == 0:
        for start in known.starts:
            if start.loss != "softmax" and is_expressible(start, loss):
                own = expressed(start, loss)
                clipped = {
                    name: min(max(getattr(own, name), ends["low"]), ends["high"])
                    for name, ends in space.items()
                }
                trial.study.enqueue_trial(clipped, skip_if_exists=True)
    return Setting.of(
        loss, {name: trial.suggest_float(name, **ends) for name, ends in space.items()}
    )
