"""From a setting to the loss that it stands for, of one member or of an array."""

from collections.abc import Callable
from typing import Any

from torch import nn

from sweeper.losses.a_softmax import ASoftmaxLoss
from sweeper.losses.adacos import AdaCosLoss
from sweeper.losses.arcface import ArcFaceLoss
from sweeper.losses.center import CenterLoss
from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.contrastive import ContrastiveLoss
from sweeper.losses.contrastive_center import ContrastiveCenterLoss
from sweeper.losses.cosface import CosFaceLoss
from sweeper.losses.git import GitLoss
from sweeper.losses.normalized_softmax import NormalizedSoftmaxLoss
from sweeper.losses.per_member import PerMember
from sweeper.losses.sigma2r import Sigma2RLoss
from sweeper.losses.soft_nearest_neighbor import SoftNearestNeighborLoss
from sweeper.losses.softmax import SoftmaxLoss
from sweeper.losses.sphereface import SphereFaceLoss
from sweeper.losses.triplet import TripletLoss
from sweeper.losses.triplet_center import TripletCenterLoss
from sweeper.losses.with_terms import LossWithTerms
from sweeper.registry.hyperparameters import PAIR_MARGINS
from sweeper.registry.setting import LOSSES, Setting

#: A hyperparameter by its name: a number, or a tensor ``[K]`` of an array.
Values = Callable[[str], PerMember]

#: Each takes the sizes, then its margins and its scale in the order of `LOSSES` of
#: `sweeper.registry.setting`.
_MARGIN: dict[str, Callable[..., nn.Module]] = {
    "normalized-softmax": NormalizedSoftmaxLoss,
    "sphereface": SphereFaceLoss,
    "cosface": CosFaceLoss,
    "arcface": ArcFaceLoss,
    "combined": CombinedMarginLoss,
}


def make_loss(
    setting: Setting, num_classes: int, embedding_size: int, training_steps: int = 0
) -> nn.Module:
    """Return the loss of a setting with all its hyperparameters, and with its terms.

    The learning rates and the weight decay of the setting are the optimizer's.

    Args:
        setting: of any loss in `sweeper.registry.setting.LOSSES`.
        num_classes: C, at least 2.
        embedding_size: d, of the features.
        training_steps: how many there will be, of which a warm-up takes its share.

    Returns:
        A module called as ``loss(features [B, d], labels [B])``; a `LossWithTerms` where there are
        terms. It has ``logits(features)`` unless it is a loss of pairs or triplets.

    Raises:
        ValueError: a size is too small, or there is a warm-up and no number of steps.
    """
    if setting["warmup"] and not training_steps:
        raise ValueError("a warm-up is a share of the training; say how many steps it has")
    sizes = num_classes, embedding_size
    loss = loss_module(setting, setting.__getitem__, *sizes, training_steps=training_steps)
    if not setting.terms:
        return loss
    terms, lambdas = {}, {}
    for term in setting.terms:
        terms[term] = term_module(term, setting, setting.__getitem__, *sizes)
        weight = weight_of(term)
        lambdas[term] = 1.0 if weight is None else setting[weight]
    return LossWithTerms(loss, terms, lambdas)


def loss_module(
    setting: Setting,
    values: Values,
    num_classes: int,
    embedding_size: int,
    members: int | None = None,
    training_steps: int = 0,
) -> nn.Module:
    """Return the loss of a setting without its terms, for one member or for an array.

    Args:
        setting: says which loss, and what an array shares, see `structure`.
        values: gives all other hyperparameters.
        num_classes: C.
        embedding_size: d.
        members: K of an array, whose margin loss is a `CombinedMarginLoss`; None for one member.
        training_steps: how many there will be.
    """
    loss, sizes = setting.loss, (num_classes, embedding_size)
    if loss == "softmax":
        return SoftmaxLoss(*sizes, members)
    if loss in ("adacos", "adacos-fixed"):
        return AdaCosLoss(*sizes, loss == "adacos", members)
    if loss == "a-softmax":
        annealing = (values(name) for name in ("anneal_from", "anneal_rate", "anneal_to"))
        return ASoftmaxLoss(*sizes, values("m1"), *annealing)
    if loss in PAIR_MARGINS:
        return _of_pairs(loss, values("margin"))
    options: dict[str, Any] = {
        "subcenters": int(setting["subcenters"]),
        "learn_scale": bool(setting["learn_scale"]),
    }
    if setting["warmup"]:
        options["warmup_steps"] = values("warmup") * training_steps
    named, own = (loss, LOSSES[loss]) if members is None else ("combined", LOSSES["combined"])
    return _MARGIN[named](*sizes, *(values(name) for name in own), **options)


def term_module(
    term: str,
    setting: Setting,
    values: Values,
    num_classes: int,
    embedding_size: int,
    members: int | None = None,
) -> nn.Module:
    """Return a term beside the loss of a setting, without its λ; arguments as of `loss_module`."""
    sizes = num_classes, embedding_size
    match term:
        case "center":
            return CenterLoss(*sizes, members)
        case "sigma2r":
            neighbors = int(setting["sigma2r.n_neighbors"])
            return Sigma2RLoss(*sizes, neighbors, values("sigma2r.z"), members)
        case "soft-nearest-neighbor":
            return SoftNearestNeighborLoss(values("soft-nearest-neighbor.temperature"))
        case "git":
            return GitLoss(*sizes, values("git.lambda_c"), values("git.lambda_g"), members)
        case "contrastive-center":
            return ContrastiveCenterLoss(*sizes, values("contrastive-center.delta"), members)
        case "triplet-center":
            return TripletCenterLoss(*sizes, values("triplet-center.margin"), members)
        case _:
            return _of_pairs(term, values(f"{term}.margin"))


def structure(setting: Setting, term: str | None = None) -> str:
    """Return what members must share so that their losses, or one of their terms, are one array."""
    if term == "sigma2r":
        return f"sigma2r, {setting['sigma2r.n_neighbors']:.0f} neighbors"
    if term is not None:
        return term
    if setting.loss not in _MARGIN:
        return setting.loss
    shared = [f"{setting['subcenters']:.0f} subcenters"] if setting["subcenters"] > 1 else []
    shared += [name for name in ("learn_scale", "warmup") if setting[name]]
    return ", ".join(["margin", *shared])


def weight_of(term: str) -> str | None:
    """Return the name of the λ that a term is counted with; git has one for each of its parts."""
    return None if term == "git" else f"{term}.lambda"


def _of_pairs(loss: str, margin: PerMember) -> nn.Module:
    if loss == "contrastive":
        return ContrastiveLoss(margin)
    return TripletLoss(margin, "hard" if loss == "hard-triplet" else "semi-hard")
