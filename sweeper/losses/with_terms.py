"""A loss plus auxiliary terms, each weighted by its λ."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from sweeper.losses.per_member import check_number


class LossWithTerms(nn.Module):
    """``loss + Σ λ term``, called like any loss; its ``logits`` are those of the loss.

    Args:
        loss: called as ``loss(features, labels)``.
        terms: modules by name, called the same way.
        lambdas: λ of each term, not negative.

    Attributes:
        loss: the given loss.
        terms: a `torch.nn.ModuleDict`.

    Raises:
        ValueError: terms and λ have different names, or a λ is negative or not finite.
    """

    def __init__(
        self, loss: nn.Module, terms: Mapping[str, nn.Module], lambdas: Mapping[str, float]
    ) -> None:
        super().__init__()
        if terms.keys() != lambdas.keys():
            raise ValueError(f"got terms {', '.join(terms)} but λ for {', '.join(lambdas)}")
        for name, value in lambdas.items():
            if isinstance(value, Tensor):
                raise ValueError(f"λ of {name} must be one number for all members, got a tensor")
            check_number(f"λ of {name}", value, not_negative=True)
        self.loss, self.terms, self.lambdas = loss, nn.ModuleDict(terms), dict(lambdas)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return the loss with its terms, ``[]``, of features ``[B, d]`` and labels ``[B]``."""
        total: Tensor = self.loss(features, labels)
        for name, term in self.terms.items():
            total = total + self.lambdas[name] * term(features, labels)
        return total

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits of the loss without margin, ``[B, C]``, of ``[B, d]``."""
        logits: Callable[[Tensor], Tensor] = self.loss.logits  # type: ignore[assignment]
        return logits(features)

    def extra_repr(self) -> str:
        """Describe the λ in PyTorch's printed form."""
        return ", ".join(f"λ of {name} {value:g}" for name, value in self.lambdas.items())
