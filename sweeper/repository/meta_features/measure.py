"""Meta-features: what is measured of a data set without training on it."""

import numpy as np
import torch
from torch import Tensor

from sweeper.errors import SweeperError
from sweeper.repository.meta_features.angles import angle_features
from sweeper.repository.meta_features.canonical_order import canonical_sample
from sweeper.repository.meta_features.counts import class_features, formula_features, size_features
from sweeper.repository.meta_features.landmarks import landmark_features
from sweeper.repository.meta_features.neighbors import neighbor_features
from sweeper.repository.meta_features.separation import separation_features
from sweeper.repository.meta_features.thumbnails import unit_vectors

#: What each meta-feature is, its formula and its source; a line each. "Vectors" are images as 64
#: principal components of 16 × 16 thumbnails, or embeddings, at unit length.
DESCRIPTIONS: dict[str, str] = {
    "log_images": "ln N, N the number of images",
    "log_classes": "ln C, C the number of classes",
    "log_per_class_mean": "ln(N / C), images a class",
    "log_per_class_min": "ln of the number of images of the smallest class",
    "class_entropy": "-Σ p_c ln p_c / ln C, p_c the share of a class; 1 is balanced (Shannon 1948)",
    "class_imbalance": "ln(images of the largest class / images of the smallest)",
    "log_side": "ln √(H · W) of an image in pixels; 0 for embeddings",
    "log_channels": "ln of the number of channels, or of the dimensions of an embedding",
    "is_embedding": "1 for ready embeddings, 0 for images",
    "angle_smallest": "smallest angle between the mean vectors of two classes, radians",
    "angle_low": "5 % quantile of the angles between the mean vectors of two classes, radians",
    "angle_mean": "mean angle between the mean vectors of two classes, radians",
    "angle_spread": (
        "arccos √(mean cosine of two vectors of a class), radians: the arccosine of the mean "
        "resultant length (Mardia and Jupp 2000)"
    ),
    "log_angle_ratio": "ln((angle_mean + 0.01) / (angle_spread + 0.01))",
    "log_fisher_ratio": (
        "ln(1 + tr S_b / tr S_w), variances between and within classes (Fukunaga 1990), the first "
        "without the part that chance explains (Searle et al. 1992)"
    ),
    "h_score": (
        "tr(Σ_α⁻¹ (1 - α) Σ_z) / min(k, C - 1), the H-score with shrunk covariance (Ibrahim et al. "
        "2022, Ledoit and Wolf 2004) as a share of its largest value"
    ),
    "accuracy_1nn": "leave-one-out accuracy of the nearest neighbor (Cover and Hart 1967)",
    "skill_1nn": "(accuracy_1nn - chance) / (1 - chance), chance the share of the largest class",
    "accuracy_5nn": "leave-one-out accuracy of the vote of five neighbors; ties to the nearest",
    "skill_5nn": "(accuracy_5nn - chance) / (1 - chance)",
    "overlap": (
        "mean ln(distance to the nearest vector of the same class / of another class), image by "
        "image the N2 of Ho and Basu 2002; 0 for two equal classes, negative where classes part"
    ),
    "log_intrinsic_dimension": (
        "ln(1 + d), d by maximum likelihood from 10 to 20 neighbors (Levina and Bickel 2005, "
        "averaged after MacKay and Ghahramani 2005)"
    ),
    "accuracy_nearest_mean": (
        "5-fold accuracy of the class mean at the smallest angle (landmark, Pfahringer et al. 2000)"
    ),
    "skill_nearest_mean": "(accuracy_nearest_mean - chance) / (1 - chance)",
    "accuracy_lda": "5-fold accuracy of linear discriminants with shrunk covariance (Fisher 1936)",
    "skill_lda": "(accuracy_lda - chance) / (1 - chance)",
    "log_scale_adacos": "ln max(2, √2 ln(C - 1)), the fixed scale of AdaCos (Zhang et al. 2019)",
    "log_scale_cosface_900": (
        "ln of CosFace's bound (C - 1) / C · ln((C - 1) P / (1 - P)) on the scale at P = 0.9 "
        "(Wang et al. 2018, section 3.3)"
    ),
    "log_scale_cosface_999": "the same at P = 0.999",
}

#: The names of all meta-features, in their fixed order.
FEATURES: tuple[str, ...] = tuple(DESCRIPTIONS)


def meta_features(inputs: Tensor, labels: Tensor, seed: int = 0) -> dict[str, float]:
    """Return all `FEATURES` of a labeled data set; every value is finite.

    The order of images and the numbers of classes make no difference. Counts are of all images;
    the rest is measured on a sample of at most 5,000, and of fewer classes where 5 images of each
    are more than that. Half of the images changes angles by at most 0.15, the smallest by 0.25,
    and everything else but the counts by at most 0.15 (with a hundred images a class).

    Args:
        inputs: uint8 images ``[N, C, H, W]``, or embeddings ``[N, d]`` of any floating-point type.
        labels: ``[N]``, integers; numbers that no image has count for nothing.
        seed: chooses the sample and the folds.

    Raises:
        SweeperError: there are fewer than two classes, or an embedding has a number that is not
            finite.
        ValueError: the tensors are of other shapes or types.
    """
    _check(inputs, labels)
    inputs = inputs.detach().cpu()
    numbers = labels.cpu().long().numpy()
    _, counts = np.unique(numbers, return_counts=True)
    if len(counts) < 2:
        raise SweeperError(
            f"meta-features compare classes: at least 2 are needed, got {len(counts)}"
        )
    chosen, classes = canonical_sample(inputs, numbers, seed)
    vectors = unit_vectors(inputs[torch.from_numpy(chosen)])
    measured = {
        **class_features(counts),
        **size_features(tuple(inputs.shape[1:])),
        **angle_features(vectors, classes),
        **separation_features(vectors, classes),
        **neighbor_features(vectors, classes),
        **landmark_features(vectors, classes),
        **formula_features(len(counts)),
    }
    return {name: measured[name] for name in FEATURES}


def _check(inputs: Tensor, labels: Tensor) -> None:
    """Raise what `meta_features` documents, except for the number of classes."""
    images = inputs.dtype == torch.uint8 and inputs.ndim == 4
    if not (images or (inputs.is_floating_point() and inputs.ndim == 2)) or 0 in inputs.shape[1:]:
        raise ValueError(
            "inputs must be uint8 images [N, C, H, W] or floating-point embeddings [N, d], got "
            f"{inputs.dtype} {tuple(inputs.shape)}"
        )
    if labels.shape != inputs.shape[:1] or labels.is_floating_point():
        raise ValueError(
            f"labels must be {len(inputs)} integers, got {labels.dtype} {tuple(labels.shape)}"
        )
    if inputs.is_floating_point() and not bool(inputs.isfinite().all()):
        row = int((~inputs.isfinite().all(1)).nonzero()[0])
        raise SweeperError(f"embedding {row} has a number that is not finite; leave it out")
