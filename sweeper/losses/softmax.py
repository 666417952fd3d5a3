"""Plain softmax: a linear classifier on the embedding."""

import torch
from torch import Tensor, nn

from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.half_products import half_products, pays_off
from sweeper.losses.init import check_sizes, class_parameter
from sweeper.losses.tensors import at_least_float32, check_features, check_precision


class SoftmaxLoss(nn.Module):
    """Cross-entropy of the logits ``W_j·x + b_j``.

    Args:
        num_classes: C, at least 2.
        embedding_size: d.
        members: K for an array of K members; None for a single member.

    Attributes:
        weight: ``[C, d]``, or ``[K, C, d]`` for an array.
        bias: ``[C]``, or ``[K, C]``.
        rounds_products: whether `forward` may compute products in bfloat16, see
            `losses.half_products`; False unless set.

    Raises:
        ValueError: a size is too small.
    """

    rounds_products: bool = False

    def __init__(self, num_classes: int, embedding_size: int, members: int | None = None) -> None:
        super().__init__()
        check_sizes(num_classes, embedding_size)
        if members is not None and members < 1:
            raise ValueError(f"members must be at least 1, got {members}")
        leading = () if members is None else (members,)
        self.weight = class_parameter(embedding_size, *leading, num_classes, embedding_size)
        self.bias = class_parameter(embedding_size, *leading, num_classes)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss over the batch, ``[]`` or ``[K]``.

        Args:
            features: ``[B, d]``, or ``[K, B, d]`` for an array.
            labels: ``[B]`` or ``[K, B]``, class numbers.

        Raises:
            ValueError: the shapes do not match, or, on the CPU, a label is out of range.
        """
        if self.rounds_products and pays_off(features, self.weight, labels):
            products = half_products(features, self.weight, labels)
            return mean_cross_entropy(products + self.bias.unsqueeze(-2), labels)
        return mean_cross_entropy(self.logits(features), labels)

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits ``[.., B, C]`` of features ``[.., B, d]``."""
        check_features(features, self.weight)
        check_precision(features, self.weight)
        products = torch.matmul(at_least_float32(features), self.weight.mT)
        return products + self.bias.unsqueeze(-2)

    def extra_repr(self) -> str:
        """Describe the module in PyTorch's printed form."""
        *members, num_classes, embedding_size = self.weight.shape
        shape = f"num_classes={num_classes}, embedding_size={embedding_size}"
        return f"{shape}, members={members[0]}" if members else shape
