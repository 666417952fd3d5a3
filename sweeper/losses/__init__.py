"""Losses and auxiliary terms, as functions and as modules for any training loop.

Leading dimensions index members trained together: features ``[K, B, d]`` with hyperparameters of
shape ``[K]`` give ``[K]`` losses. Angles are in radians. Every loss is called as ``loss(features,
labels)``. Classification losses also have ``logits(features)``, without margin, for evaluation;
`NearestMean` provides logits for the others. Angles and distances are computed in at least float32.
TF32 products (`torch.set_float32_matmul_precision`) are less precise than that.
"""

from sweeper.losses.a_softmax import ASoftmaxLoss, a_softmax_logits
from sweeper.losses.adacos import AdaCosLoss, adacos_scale
from sweeper.losses.arcface import ArcFaceLoss
from sweeper.losses.center import CenterLoss, center_loss
from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.contrastive import ContrastiveLoss, contrastive_loss
from sweeper.losses.contrastive_center import ContrastiveCenterLoss, contrastive_center_loss
from sweeper.losses.cosface import CosFaceLoss
from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.from_setting import make_loss
from sweeper.losses.git import GitLoss, git_loss
from sweeper.losses.margin_logits import combined_margin_logits
from sweeper.losses.nearest_mean import NearestMean
from sweeper.losses.normalized_softmax import NormalizedSoftmaxLoss
from sweeper.losses.sigma2r import Sigma2RLoss, sigma2r_loss
from sweeper.losses.soft_nearest_neighbor import (
    SoftNearestNeighborLoss,
    soft_nearest_neighbor_loss,
)
from sweeper.losses.softmax import SoftmaxLoss
from sweeper.losses.sphereface import SphereFaceLoss
from sweeper.losses.triplet import TripletLoss, triplet_loss
from sweeper.losses.triplet_center import TripletCenterLoss, triplet_center_loss
from sweeper.losses.with_terms import LossWithTerms

__all__ = [
    "ASoftmaxLoss",
    "AdaCosLoss",
    "ArcFaceLoss",
    "CenterLoss",
    "CombinedMarginLoss",
    "ContrastiveCenterLoss",
    "ContrastiveLoss",
    "CosFaceLoss",
    "GitLoss",
    "LossWithTerms",
    "NearestMean",
    "NormalizedSoftmaxLoss",
    "Sigma2RLoss",
    "SoftNearestNeighborLoss",
    "SoftmaxLoss",
    "SphereFaceLoss",
    "TripletCenterLoss",
    "TripletLoss",
    "a_softmax_logits",
    "adacos_scale",
    "center_loss",
    "combined_margin_logits",
    "contrastive_center_loss",
    "contrastive_loss",
    "cosine_similarity",
    "git_loss",
    "make_loss",
    "mean_cross_entropy",
    "sigma2r_loss",
    "soft_nearest_neighbor_loss",
    "triplet_center_loss",
    "triplet_loss",
]
