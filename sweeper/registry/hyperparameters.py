"""Every hyperparameter that a setting can have: its default, and what it may be. Plain numbers."""

import math
from typing import NamedTuple


class Hyperparameter(NamedTuple):
    """What a hyperparameter may be.

    Attributes:
        default: what it is where nobody says.
        least: the smallest value.
        above: it must be larger than this.
        most: the largest value.
        whole: whether it is a whole number.
    """

    default: float
    least: float = -math.inf
    above: float = -math.inf
    most: float = math.inf
    whole: bool = False

    def fault(self, value: float) -> str | None:
        """Return what is wrong with a value, to stand behind the name; None if nothing is."""
        if not math.isfinite(value):
            return f"must be a finite number, not {value}"
        if value <= self.above:
            wanted = "positive" if self.above == 0 else f"more than {self.above:g}"
            return f"must be {wanted}, not {value:g}"
        if value < self.least:
            wanted = "not be negative" if self.least == 0 else f"be at least {self.least:g}"
            return f"must {wanted}, not {value:g}"
        if value > self.most:
            return f"must be at most {self.most:g}, not {value:g}"
        if self.whole and value != round(value):
            return f"must be a whole number, not {value:g}"
        return None


#: The margins and the scale of the combined margin loss, at which they change nothing but the scale
#: of normalized softmax; angles in radians.
MARGINS = {
    "m1": Hyperparameter(1.0, above=0.0),
    "m2": Hyperparameter(0.0),
    "m3": Hyperparameter(0.0),
    "scale": Hyperparameter(64.0, above=0.0),
}

#: Of the optimizer. Every loss has them.
OPTIMIZER = {
    "lr": Hyperparameter(1e-3, above=0.0),
    "weight_decay": Hyperparameter(0.0, least=0.0),
}

#: The learning rate of what the terms hold, centers and growth: S4 gives them an Adam of their own.
#: Where it is not given, it is `lr`.
TERM_LR = {"term_lr": Hyperparameter(1e-3, above=0.0)}

#: What a loss can have beside its margins and its scale; at the default it is as if it were absent.
OPTIONS = {
    # Weights a class, of which the nearest counts (Deng et al. 2020).
    "subcenters": Hyperparameter(1, least=1, most=64, whole=True),
    # 1: the scale is learned, from `scale` on (Wang et al. 2017).
    "learn_scale": Hyperparameter(0, least=0, most=1, whole=True),
    # The share of all training steps over which the margins rise from none to their full size.
    "warmup": Hyperparameter(0.0, least=0.0, most=1.0),
    # λ of A-Softmax, which falls from the first to the last of these three.
    "anneal_from": Hyperparameter(1000.0, least=0.0),
    "anneal_rate": Hyperparameter(0.12, least=0.0),
    "anneal_to": Hyperparameter(5.0, least=0.0),
}

#: The margin of a loss of pairs or triplets, by the loss or term; their distances have their units.
_TRIPLET_MARGIN = Hyperparameter(0.2, least=0.0)  # Schroff et al. 2015, section 3.1
_CONTRASTIVE_MARGIN = Hyperparameter(1.0, least=0.0)  # Hadsell et al. 2006; distances reach 2
PAIR_MARGINS = {
    "triplet": _TRIPLET_MARGIN,
    "hard-triplet": _TRIPLET_MARGIN,
    "contrastive": _CONTRASTIVE_MARGIN,
}

# The λ of S4; that of pairs and triplets is 1, since their distances have an upper bound.
_LAMBDA = Hyperparameter(0.01, least=0.0)
_LAMBDA_OF_PAIRS = Hyperparameter(1.0, least=0.0)

#: The terms that can stand beside a loss, each with its hyperparameters. A term is counted λ times.
TERMS: dict[str, dict[str, Hyperparameter]] = {
    "center": {"lambda": _LAMBDA},
    "sigma2r": {
        "lambda": _LAMBDA,
        "n_neighbors": Hyperparameter(7, least=1, whole=True),
        "z": Hyperparameter(40.0, above=0.0),
    },
    "soft-nearest-neighbor": {"lambda": _LAMBDA, "temperature": Hyperparameter(1.0, above=0.0)},
    # Calefati et al. 2018 have a λ for each of its two parts.
    "git": {"lambda_c": _LAMBDA, "lambda_g": _LAMBDA},
    "contrastive-center": {"lambda": _LAMBDA, "delta": Hyperparameter(1.0, above=0.0)},
    # He et al. 2018, section 4.2
    "triplet-center": {"lambda": _LAMBDA, "margin": Hyperparameter(5.0, least=0.0)},
    "triplet": {"lambda": _LAMBDA_OF_PAIRS, "margin": _TRIPLET_MARGIN},
    "hard-triplet": {"lambda": _LAMBDA_OF_PAIRS, "margin": _TRIPLET_MARGIN},
    "contrastive": {"lambda": _LAMBDA_OF_PAIRS, "margin": _CONTRASTIVE_MARGIN},
}


def term_names(term: str) -> tuple[str, ...]:
    """Return a term's hyperparameters as a setting names them, ``center.lambda`` for example."""
    return tuple(f"{term}.{name}" for name in TERMS[term])


#: Every hyperparameter by the name that a setting, a study file and a trial have for it.
HYPERPARAMETERS: dict[str, Hyperparameter] = {
    **MARGINS,
    **OPTIONS,
    "margin": _TRIPLET_MARGIN,
    **{
        name: hyperparameter
        for term, own in TERMS.items()
        for name, hyperparameter in zip(term_names(term), own.values(), strict=True)
    },
    **OPTIMIZER,
    **TERM_LR,
}
