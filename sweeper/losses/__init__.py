"""The classification losses, as functions and as modules for anybody's training loop.

Leading dimensions are members trained side by side: features ``[K, B, d]`` with hyperparameters of
shape ``[K]`` give ``[K]`` losses. Angles are in radians. Every module is called as
``loss(features, labels)`` and has ``logits(features)``, without margin, for evaluation. Angles are
computed in at least float32, which TF32 products (`torch.set_float32_matmul_precision`) are not.
"""

from sweeper.losses.arcface import ArcFaceLoss
from sweeper.losses.combined import CombinedMarginLoss, combined_margin_logits
from sweeper.losses.cosface import CosFaceLoss
from sweeper.losses.cosine import cosine_similarity
from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.from_setting import make_loss
from sweeper.losses.normalised_softmax import NormalisedSoftmaxLoss
from sweeper.losses.softmax import SoftmaxLoss
from sweeper.losses.sphereface import SphereFaceLoss

__all__ = [
    "ArcFaceLoss",
    "CombinedMarginLoss",
    "CosFaceLoss",
    "NormalisedSoftmaxLoss",
    "SoftmaxLoss",
    "SphereFaceLoss",
    "combined_margin_logits",
    "cosine_similarity",
    "make_loss",
    "mean_cross_entropy",
]
