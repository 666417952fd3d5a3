"""The losses that a net can be trained with: one record each. To add one is a file and a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sweeper.registry.hyperparameters import (
    CONTRASTIVE_MARGIN,
    MARGINS,
    TRIPLET_MARGIN,
    Hyperparameter,
    SearchRange,
)


@dataclass(frozen=True)
class LossInfo:
    """What is known of a loss without importing it.

    Attributes:
        name: what a study file calls it.
        module: the class, as ``package.module:name``. It is called with those of `num_classes`,
            `embedding_size` and `members` that it takes, and its hyperparameters by their names.
        function: the function behind it, for the table of `docs/losses.md`.
        about: what it is, in one line.
        source: the paper, or nothing where there is none.
        margins: its margins and its scale, which it has in any case; the search is over them. Those
            named in `MARGINS` have the defaults that they have there.
        options: what it can have beside them; at the default it is as if it were absent.
        paper: the values that its paper recommends, where they are not the defaults.
        arguments: what the class calls a hyperparameter, where it has another name there.
        constants: further arguments of the class.
        array: the loss whose class trains an array of these and of others that say the same, since
            it has all of their margins; None where the class trains an array of its own.
        control: the loss whose published setting is trained beside a search; itself unless given.
        compares_pairs: whether it compares the samples of a batch with one another.
        has_classes: whether it learns weights of classes, by which it classifies.
        min_classes: the fewest classes that it can be trained on.
        in_repository: whether the repository knows of it: it is plain softmax, or has no other
            hyperparameters than margins and scale.
    """

    name: str
    module: str
    function: str
    about: str
    source: str
    margins: Mapping[str, Hyperparameter] = field(default_factory=dict)
    options: Mapping[str, Hyperparameter] = field(default_factory=dict)
    paper: Mapping[str, float] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    array: str | None = None
    control: str | None = None
    compares_pairs: bool = False
    has_classes: bool = True
    min_classes: int = 2
    in_repository: bool = False


#: Weights of a class, of which the nearest counts (Deng et al. 2020), and a scale that is learned,
#: from `scale` on (Wang et al. 2017).
_OF_COSINES = {
    "subcenters": Hyperparameter(1, least=1, most=64, whole=True, shared=True),
    "learn_scale": Hyperparameter(
        0, least=0, most=1, whole=True, shared=True, title="scale learned (0 or 1)"
    ),
}
#: The share of all training steps over which the margins rise from none to their full size.
_OF_MARGINS = {
    **_OF_COSINES,
    "warmup": Hyperparameter(
        0.0, least=0.0, most=1.0, in_steps=True, title="warm-up (share of the training)"
    ),
}

_RECORDS = (
    LossInfo(
        "softmax",
        "sweeper.losses.softmax:SoftmaxLoss",
        "mean_cross_entropy",
        "plain softmax: the linear classifier that ends most nets",
        "",
        control="softmax",
        in_repository=True,
    ),
    LossInfo(
        "normalized-softmax",
        "sweeper.losses.normalized_softmax:NormalizedSoftmaxLoss",
        "combined_margin_logits",
        "softmax of cosines, with a scale and no margin",
        "Wang et al. 2017, 'NormFace'",
        margins={"scale": MARGINS["scale"]},
        options=_OF_COSINES,
        array="combined",
        control="softmax",
        in_repository=True,
    ),
    LossInfo(
        "sphereface",
        "sweeper.losses.sphereface:SphereFaceLoss",
        "combined_margin_logits",
        "a factor of the angle",
        "Liu et al. 2017, equation 7, with normalized features",
        margins={name: MARGINS[name] for name in ("m1", "scale")},
        options=_OF_MARGINS,
        paper={"m1": 1.35},
        arguments={"m1": "margin", "warmup": "warmup_steps"},
        array="combined",
        in_repository=True,
    ),
    LossInfo(
        "cosface",
        "sweeper.losses.cosface:CosFaceLoss",
        "combined_margin_logits",
        "a margin in the cosine",
        "Wang et al. 2018, equation 4",
        margins={name: MARGINS[name] for name in ("m3", "scale")},
        options=_OF_MARGINS,
        paper={"m3": 0.35},
        arguments={"m3": "margin", "warmup": "warmup_steps"},
        array="combined",
        in_repository=True,
    ),
    LossInfo(
        "arcface",
        "sweeper.losses.arcface:ArcFaceLoss",
        "combined_margin_logits",
        "a margin in the angle",
        "Deng et al. 2019, equation 3",
        margins={name: MARGINS[name] for name in ("m2", "scale")},
        options=_OF_MARGINS,
        paper={"m2": 0.5},
        arguments={"m2": "margin", "warmup": "warmup_steps"},
        array="combined",
        in_repository=True,
    ),
    LossInfo(
        "combined",
        "sweeper.losses.combined:CombinedMarginLoss",
        "combined_margin_logits",
        "the three margins in one",
        "Deng et al. 2019, equation 4",
        margins=MARGINS,
        options=_OF_MARGINS,
        paper={"m2": 0.3, "m3": 0.2},
        arguments={"warmup": "warmup_steps"},
        array="combined",
        control="arcface",
        in_repository=True,
    ),
    LossInfo(
        "a-softmax",
        "sweeper.losses.a_softmax:ASoftmaxLoss",
        "a_softmax_logits",
        "SphereFace as published: scaled by the length of the feature, and annealed",
        "Liu et al. 2017",
        # Annealed and scaled by ‖x‖ it trains at factors that no fixed scale does: the paper
        # compares 1 to 4.
        margins={
            "m1": replace(MARGINS["m1"], search=SearchRange(1.0, 4.0, (1.0, 1.5, 2.0, 3.0, 4.0)))
        },
        # λ falls from the first to the last of these three.
        options={
            "anneal_from": Hyperparameter(1000.0, least=0.0),
            "anneal_rate": Hyperparameter(0.12, least=0.0),
            "anneal_to": Hyperparameter(5.0, least=0.0),
        },
        paper={"m1": 4.0},
        arguments={"m1": "margin"},
    ),
    LossInfo(
        "adacos",
        "sweeper.losses.adacos:AdaCosLoss",
        "adacos_scale",
        "softmax of cosines that sets its own scale",
        "Zhang et al. 2019, section 4.2",
        min_classes=3,  # the scale of two is 0
    ),
    LossInfo(
        "adacos-fixed",
        "sweeper.losses.adacos:AdaCosLoss",
        "mean_cross_entropy",
        "softmax of cosines at the scale that follows from the number of classes",
        "Zhang et al. 2019, section 4.1",
        constants={"dynamic": False},
        min_classes=3,
    ),
    LossInfo(
        "triplet",
        "sweeper.losses.triplet:TripletLoss",
        "triplet_loss",
        "distances of triplets, with semi-hard negatives",
        "Schroff et al. 2015, sections 3.1 and 3.2",
        margins={"margin": TRIPLET_MARGIN},
        compares_pairs=True,
        has_classes=False,
    ),
    LossInfo(
        "hard-triplet",
        "sweeper.losses.triplet:TripletLoss",
        "triplet_loss",
        "distances of triplets, with the hardest negatives",
        "La Grassa et al. 2020, equation 6",
        margins={"margin": TRIPLET_MARGIN},
        constants={"mining": "hard"},
        compares_pairs=True,
        has_classes=False,
    ),
    LossInfo(
        "contrastive",
        "sweeper.losses.contrastive:ContrastiveLoss",
        "contrastive_loss",
        "distances of pairs",
        "La Grassa et al. 2020, equation 7",
        margins={"margin": CONTRASTIVE_MARGIN},
        compares_pairs=True,
        has_classes=False,
    ),
)

#: Every loss by its name, in the order of tables.
LOSSES: dict[str, LossInfo] = {record.name: record for record in _RECORDS}

#: Where the user names none.
DEFAULT_LOSS = "combined"

#: In place of a loss that is recommended for: whichever is expected to gain most.
ANY_LOSS = "any"


def repository_losses() -> dict[str, LossInfo]:
    """Return plain softmax, and what the combined margin loss covers: the repository knows them."""
    return {name: info for name, info in LOSSES.items() if info.in_repository}


def loss_options() -> dict[str, Hyperparameter]:
    """Return what any loss can have beside its margins and its scale."""
    return {name: option for info in LOSSES.values() for name, option in info.options.items()}
