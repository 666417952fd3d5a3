"""What the atlas says: effects, optima, learning rates, sources of variance, defaults, terms.

Scores are those of `repository.objectives.score`: shares, and -ln of compactness, so that more is
better and a gain of 0.1 is a compactness smaller by about ten per cent.
"""

from sweeper.atlas.findings.about import GROUPS, about, over_sources
from sweeper.atlas.findings.defaults import defaults
from sweeper.atlas.findings.effects import STEPS, margin_effects
from sweeper.atlas.findings.optimum import best_scales, tuned
from sweeper.atlas.findings.rates import rates
from sweeper.atlas.findings.terms import term_gains
from sweeper.atlas.findings.variance import task_share, variance_shares

__all__ = [
    "GROUPS",
    "STEPS",
    "about",
    "best_scales",
    "defaults",
    "margin_effects",
    "over_sources",
    "rates",
    "task_share",
    "term_gains",
    "tuned",
    "variance_shares",
]
