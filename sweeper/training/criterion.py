"""The losses of an array: members of different families side by side, each with its own weights."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sweeper.losses import CombinedMarginLoss, SoftmaxLoss
from sweeper.setting import Setting
from sweeper.training.optimiser import narrowed

#: The loss modules that one seed starts from, one a family, each for a single member.
Start = dict[str, nn.Module]


class Criterion(nn.Module):
    """The classification losses of K settings times R seeds.

    The members of one family (plain softmax; all margin losses) are computed together. Member
    ``r * K + k`` has setting k and the start of seed r.
    """

    def __init__(self, settings: Sequence[Setting], starts: Sequence[Start], like: Tensor) -> None:
        """Build for the device and the precision of the tensor `like`."""
        super().__init__()
        self.families = nn.ModuleDict()
        self.members: dict[str, Tensor] = {}
        for name in dict.fromkeys(map(_family, settings)):
            places = [k for k, setting in enumerate(settings) if _family(setting) == name]
            chosen = [settings[k] for k in places]
            module = _build(name, chosen, len(starts), starts[0])
            for parameter_name, parameter in module.named_parameters():
                alone = [getattr(start[name], parameter_name) for start in starts]
                parameter.data = torch.stack(alone).detach().repeat_interleave(len(chosen), 0)
            self.families[name] = module
            self.members[name] = member_index(places, len(settings), len(starts)).to(like.device)
        self.to(like)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return each member's loss ``[M]``, from features ``[M, B, d]``, labels ``[M, B]``."""
        return self._gather(
            module(features[members], labels[members]) for module, members in self._each()
        )

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits without margin ``[M, N, C]``, for evaluation."""
        return self._gather(module.logits(features[members]) for module, members in self._each())

    def stacked_parameters(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield every parameter ``[m, ...]`` with the members ``[m]`` that it belongs to."""
        for name, module in self.families.items():
            for parameter in module.parameters():
                yield parameter, self.members[name]

    def keep(self, kept: Tensor) -> None:
        """Drop all members but these from what the optimiser does not hold."""
        for name, module in self.families.items():
            local, self.members[name] = narrowed(self.members[name], kept)
            for buffer in module.buffers():
                buffer.data = buffer.data[local]

    def member_state(self, m: int) -> dict[str, Tensor]:
        """Return a copy of member m's weights, as the state dict of its loss alone.

        That is a `SoftmaxLoss`, or a `CombinedMarginLoss` whose margins and scale are numbers.
        """
        name = next(name for name, members in self.members.items() if (members == m).any())
        place = int((self.members[name] == m).nonzero())
        weights = self.families[name].named_parameters()
        return {own: parameter[place].detach().clone() for own, parameter in weights}

    def _each(self) -> Iterator[tuple[Any, Tensor | slice]]:
        """Yield each family with its members; a family that is alone has all, without a copy."""
        for name, module in self.families.items():
            yield module, slice(None) if len(self.families) == 1 else self.members[name]

    def _gather(self, parts: Iterator[Tensor]) -> Tensor:
        """Bring what the families returned back into the order of the members."""
        if len(self.families) == 1:
            return next(parts)
        return torch.cat(list(parts))[torch.cat(list(self.members.values())).argsort()]


def draw_start(num_classes: int, embedding_size: int) -> Start:
    """Draw what a seed starts from, out of PyTorch's global generator.

    Each family starts from the generator's same state, so that a family's weights do not depend on
    which others stand beside it.
    """
    state = torch.get_rng_state()
    softmax = SoftmaxLoss(num_classes, embedding_size)
    torch.set_rng_state(state)
    return {"softmax": softmax, "margin": CombinedMarginLoss(num_classes, embedding_size)}


def member_index(settings: Sequence[int], count: int, seeds: int) -> Tensor:
    """Return the members of some of an array's `count` settings, over all seeds, in order."""
    places = torch.tensor(settings, dtype=torch.long)
    return (torch.arange(seeds).unsqueeze(1) * count + places).flatten()


def _family(setting: Setting) -> str:
    return "softmax" if setting.loss == "softmax" else "margin"


def _build(family: str, settings: Sequence[Setting], seeds: int, start: Start) -> nn.Module:
    weight = start[family].weight
    assert isinstance(weight, Tensor)
    num_classes, embedding_size = weight.shape
    if family == "softmax":
        return SoftmaxLoss(num_classes, embedding_size, members=len(settings) * seeds)

    def values(name: str) -> Tensor:
        per_setting = [getattr(setting, name) for setting in settings]
        return torch.tensor(per_setting, dtype=torch.float64).repeat(seeds)

    return CombinedMarginLoss(
        num_classes,
        embedding_size,
        m1=values("m1"),
        m2=values("m2"),
        m3=values("m3"),
        scale=values("scale"),
    )
