"""The terms that can stand beside a loss: one record each. To add one is a file and a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sweeper.registry.hyperparameters import (
    CONTRASTIVE_MARGIN,
    TRIPLET_MARGIN,
    Hyperparameter,
    SearchRange,
)


@dataclass(frozen=True)
class TermInfo:
    """What is known of a term without importing it.

    Attributes:
        name: what a study file calls it.
        module: the class, as ``package.module:name``. It is called with those of `num_classes`,
            `embedding_size` and `members` that it takes, and with `hyperparameters` by their names.
        function: the function behind it, for the table of `docs/losses.md`.
        about: what it is, in one line.
        source: the paper.
        hyperparameters: by their names within the term; a setting has ``term.name``. The term is
            counted ``lambda`` times, which its class does not know of; without a ``lambda`` once.
        lambdas: which of them are λ: what is searched of a term when nobody says.
        constants: further arguments of the class.
        compares_pairs: whether it compares the samples of a batch with one another.
        has_centers: whether it learns centers of classes.
        in_repository: whether the repository knows what it gains.
    """

    name: str
    module: str
    function: str
    about: str
    source: str
    hyperparameters: Mapping[str, Hyperparameter]
    lambdas: tuple[str, ...] = ("lambda",)
    constants: Mapping[str, object] = field(default_factory=dict)
    compares_pairs: bool = False
    has_centers: bool = False
    in_repository: bool = False

    @property
    def weight(self) -> str | None:
        """The λ that the term is counted with, as a setting names it; None where there is none."""
        return f"{self.name}.lambda" if "lambda" in self.hyperparameters else None


# Wide, since a term's size depends on that of the embeddings.
_LAMBDAS = SearchRange(1e-4, 10.0, (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0), log=True)
# La Grassa et al. 2020 have 0.01; that of pairs and triplets is 1, since their distances have an
# upper bound.
_LAMBDA = Hyperparameter(0.01, least=0.0, search=_LAMBDAS, by_ratio=True)
_LAMBDA_OF_PAIRS = Hyperparameter(1.0, least=0.0, search=_LAMBDAS, by_ratio=True)

_RECORDS = (
    TermInfo(
        "center",
        "sweeper.losses.center:CenterLoss",
        "center_loss",
        "squared distance to the center of the class",
        "Wen et al. 2016, equation 2",
        {"lambda": _LAMBDA},
        has_centers=True,
        in_repository=True,
    ),
    TermInfo(
        "sigma2r",
        "sweeper.losses.sigma2r:Sigma2RLoss",
        "sigma2r_loss",
        "σ²R: distances to the center, weighted by how thin the surroundings are",
        "La Grassa et al. 2020, equations 8 to 10",
        {
            "lambda": _LAMBDA,
            "n_neighbors": Hyperparameter(7, least=1, whole=True, shared=True),
            "z": Hyperparameter(40.0, above=0.0),
        },
        compares_pairs=True,
        has_centers=True,
        in_repository=True,
    ),
    TermInfo(
        "soft-nearest-neighbor",
        "sweeper.losses.soft_nearest_neighbor:SoftNearestNeighborLoss",
        "soft_nearest_neighbor_loss",
        "how likely a near sample is of the same class",
        "Frosst et al. 2019, equation 1",
        {"lambda": _LAMBDA, "temperature": Hyperparameter(1.0, above=0.0)},
        compares_pairs=True,
    ),
    TermInfo(
        "git",
        "sweeper.losses.git:GitLoss",
        "git_loss",
        "a pull to the own center and a push from the others",
        "Calefati et al. 2018",
        {"lambda_c": _LAMBDA, "lambda_g": _LAMBDA},
        lambdas=("lambda_c", "lambda_g"),  # one for each of its two parts, inside the term
        has_centers=True,
    ),
    TermInfo(
        "contrastive-center",
        "sweeper.losses.contrastive_center:ContrastiveCenterLoss",
        "contrastive_center_loss",
        "distance to the own center over those to the others",
        "Qi and Su 2017",
        {"lambda": _LAMBDA, "delta": Hyperparameter(1.0, above=0.0)},
        has_centers=True,
    ),
    TermInfo(
        "triplet-center",
        "sweeper.losses.triplet_center:TripletCenterLoss",
        "triplet_center_loss",
        "the own center nearer than any other, by a margin",
        "He et al. 2018, sections 3.2 and 4.2",
        {"lambda": _LAMBDA, "margin": Hyperparameter(5.0, least=0.0)},
        has_centers=True,
    ),
    TermInfo(
        "triplet",
        "sweeper.losses.triplet:TripletLoss",
        "triplet_loss",
        "distances of triplets, with semi-hard negatives",
        "Schroff et al. 2015, sections 3.1 and 3.2",
        {"lambda": _LAMBDA_OF_PAIRS, "margin": TRIPLET_MARGIN},
        compares_pairs=True,
    ),
    TermInfo(
        "hard-triplet",
        "sweeper.losses.triplet:TripletLoss",
        "triplet_loss",
        "distances of triplets, with the hardest negatives",
        "La Grassa et al. 2020, equation 6",
        {"lambda": _LAMBDA_OF_PAIRS, "margin": TRIPLET_MARGIN},
        constants={"mining": "hard"},
        compares_pairs=True,
    ),
    TermInfo(
        "contrastive",
        "sweeper.losses.contrastive:ContrastiveLoss",
        "contrastive_loss",
        "distances of pairs",
        "La Grassa et al. 2020, equation 7",
        {"lambda": _LAMBDA_OF_PAIRS, "margin": CONTRASTIVE_MARGIN},
        compares_pairs=True,
    ),
)

#: Every term by its name, in the order of settings and tables.
TERMS: dict[str, TermInfo] = {record.name: record for record in _RECORDS}


def repository_terms() -> dict[str, TermInfo]:
    """Return the terms of which the repository knows what they gain, with one λ each."""
    return {name: info for name, info in TERMS.items() if info.in_repository}


def term_names(term: str) -> tuple[str, ...]:
    """Return a term's hyperparameters as a setting names them, ``center.lambda`` for example."""
    return tuple(f"{term}.{name}" for name in TERMS[term].hyperparameters)
