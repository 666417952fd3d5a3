"""What the atlas says: effects, optima, learning rates, sources of variance, defaults, terms.

Scores are those of `repository.objectives.score`: shares, and -ln of compactness, so that more is
better and a gain of 0.1 is a compactness smaller by about ten per cent.
"""

from tools.atlas.findings.about import GROUPS, about, over_sources
from tools.atlas.findings.defaults import defaults
from tools.atlas.findings.effects import STEPS, margin_effects
from tools.atlas.findings.optimum import best_scales, tuned
from tools.atlas.findings.rates import rates
from tools.atlas.findings.terms import term_gains
from tools.atlas.findings.variance import task_share, variance_shares

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
