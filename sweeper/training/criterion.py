"""The losses of an array: members with different losses and terms, each with its own weights."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from sweeper.losses.from_setting import make_loss
from sweeper.losses.nearest_mean import nearness
from sweeper.registry.setting import Setting
from sweeper.training.loss_group import InitialState, LossGroup, loss_groups
from sweeper.training.optimizer import narrowed

#: What a loss learns, each kind with an optimizer of its own: class weights like the net's, scales
#: without a decay, and what terms hold, at a rate of its own.
ParameterKind = Literal["weights", "scale", "term"]


class Criterion(nn.Module):
    """The losses of K settings times R seeds, each with the terms beside it.

    What the members of one structure have (plain softmax; all margin losses; a term) is a part,
    computed together. Member ``r * K + k`` has setting k and the start of seed r.

    Args:
        settings: the K settings.
        starts: what each of the R seeds starts from, see `draw_initial_state`.
        like: a tensor of the device and the precision to compute on.
        training_steps: how many there will be, of which a warm-up takes its share.
    """

    def __init__(
        self,
        settings: Sequence[Setting],
        starts: Sequence[InitialState],
        like: Tensor,
        training_steps: int,
    ) -> None:
        super().__init__()
        self.sizes = starts[0].sizes
        self.settings = [*settings] * len(starts)  # of each member
        self.training_steps = training_steps
        self.parts = nn.ModuleDict()
        self.kinds: dict[str, LossGroup] = {}
        self.members: dict[str, Tensor] = {}
        self.weights: dict[str, Tensor | None] = {}
        for part in dict.fromkeys(part for setting in settings for part in loss_groups(setting)):
            places = [k for k, setting in enumerate(settings) if part in loss_groups(setting)]
            chosen = [settings[k] for k in places]
            module = part.build(chosen, len(starts), *self.sizes, training_steps)
            for name, parameter in module.named_parameters():
                drawn: list[Tensor] = [start.modules[part].get_parameter(name) for start in starts]
                if name != "log_scale":  # that one is no draw: it starts from the setting's scale
                    stacked = torch.stack(drawn).detach().repeat_interleave(len(chosen), 0)
                    parameter.data = stacked
            self.parts[part.name] = module
            self.kinds[part.name] = part
            members = member_index(places, len(settings), len(starts))
            self.members[part.name] = members.to(like.device)
            weights = part.weights(chosen, len(starts))
            self.weights[part.name] = None if weights is None else weights.to(like)
        self.to(like)

    @property
    def needs_means(self) -> bool:
        """Whether a member has a loss without logits, and so is classified by class means."""
        return any(not hasattr(module, "logits") for _, module, _ in self._losses())

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        """Return each member's loss ``[M]``, from features ``[M, B, d]``, labels ``[M, B]``."""
        total: Tensor | None = None
        for name, module, members in self._each():
            values, weights = module(features[members], labels[members]), self.weights[name]
            values = values if weights is None else weights * values
            if isinstance(members, slice):
                total = values if total is None else total + values
            else:
                whole = values.new_zeros(len(self.settings)) if total is None else total
                total = whole.index_add(0, members, values)
        assert total is not None
        return total

    def logits(self, features: Tensor, means: Tensor | None = None) -> Tensor:
        """Return the logits without margin ``[M, N, C]``, for evaluation.

        Args:
            features: ``[M, N, d]``.
            means: each class's mean of the training samples' embeddings at unit length
                ``[M, C, d]``; asked for where `needs_means`. There the logits are the negative
                squared distances of embeddings at unit length to them.
        """
        parts: list[Tensor] = []
        order = []
        for _, module, members in self._losses():
            if hasattr(module, "logits"):
                parts.append(module.logits(features[members]))
            else:
                assert means is not None
                parts.append(nearness(features[members], means[members]))
            order.append(members)
        if len(parts) == 1:
            (alone,) = parts
            return alone
        return torch.cat(parts)[torch.cat([m for m in order if isinstance(m, Tensor)]).argsort()]

    def stacked_parameters(self, kind: ParameterKind) -> list[tuple[Tensor, Tensor]]:
        """Return the parameters ``[m, ...]`` of a kind, with the members ``[m]`` they belong to."""
        return [
            (parameter, self.members[name])
            for name, module in self.parts.items()
            for own, parameter in module.named_parameters()
            if _kind(self.kinds[name], own) == kind
        ]

    def class_values(self) -> dict[int, dict[str, Tensor]]:
        """Return what each member's loss and terms tell of the classes: copies ``[C]`` by name.

        Any module may have a method ``class_values`` that returns tensors ``[m, C]`` by name; those
        of a term are named ``sigma2r.growth``. Members without any are left out.
        """
        found: dict[int, dict[str, Tensor]] = defaultdict(dict)
        for part, module in self.parts.items():
            own_values: Callable[[], dict[str, Tensor]] | None = getattr(
                module, "class_values", None
            )
            if own_values is None:
                continue
            term = self.kinds[part].term
            for own, values in own_values().items():
                name = own if term is None else f"{term}.{own}"
                for place, member in enumerate(self.members[part].tolist()):
                    found[member][name] = values[place].detach().clone()
        return dict(found)

    def keep(self, kept: Tensor) -> None:
        """Drop all members but these from what the optimizer does not hold."""
        self.settings = [self.settings[m] for m in kept.tolist()]
        for name, module in self.parts.items():
            local, self.members[name] = narrowed(self.members[name], kept)
            weights = self.weights[name]
            self.weights[name] = None if weights is None else weights[local]
            for buffer in module.buffers():
                if buffer.dim():  # a count of steps is shared by all
                    buffer.data = buffer.data[local]

    def member_state(self, m: int) -> dict[str, Tensor]:
        """Return a copy of member m's weights, as the state dict of `make_loss` of its setting."""
        with torch.device("meta"):  # for its names alone: nothing is drawn
            alone = make_loss(self.settings[m], *self.sizes, self.training_steps)
        state = {}
        for key in alone.state_dict():
            owner, _, own = key.rpartition(".")
            term = owner.removeprefix("terms.") if owner.startswith("terms.") else None
            part = next(p for p in loss_groups(self.settings[m]) if p.term == term)
            place = int((self.members[part.name] == m).nonzero())
            stacked = self.parts[part.name].state_dict()[own]
            state[key] = (stacked[place] if stacked.dim() else stacked).detach().clone()
        return state

    def _losses(self) -> Iterator[tuple[str, Any, Tensor | slice]]:
        """Yield the parts that are losses and no terms; every member has one of them."""
        return (each for each in self._each() if self.kinds[each[0]].term is None)

    def _each(self) -> Iterator[tuple[str, Any, Tensor | slice]]:
        """Yield each part that has members left, with them; one of all members without a copy."""
        for name, module in self.parts.items():
            members = self.members[name]
            if len(members):
                whole = len(members) == len(self.settings)
                yield name, module, slice(None) if whole else members


def _kind(part: LossGroup, parameter: str) -> ParameterKind:
    if part.term is not None:
        return "term"
    return "scale" if parameter == "log_scale" else "weights"


def draw_initial_state(
    settings: Sequence[Setting], num_classes: int, embedding_size: int
) -> InitialState:
    """Draw what a seed starts from, out of PyTorch's global generator.

    Losses start from the generator's state, and terms from another that follows from it, so that a
    part's weights do not depend on which others stand beside it.
    """
    of_losses = torch.get_rng_state()
    # Out of the same numbers centers would depend on the class weights, with a correlation of -0.3.
    torch.default_generator.manual_seed(int(torch.randint(2**62, ())))
    of_terms = torch.get_rng_state()
    modules: dict[LossGroup, nn.Module] = {}
    for setting in settings:
        for part in loss_groups(setting):
            if part not in modules:
                torch.set_rng_state(of_losses if part.term is None else of_terms)
                modules[part] = part.alone(setting, num_classes, embedding_size)
    return InitialState((num_classes, embedding_size), modules)


def member_index(settings: Sequence[int], count: int, seeds: int) -> Tensor:
    """Return the members of some of an array's `count` settings, over all seeds, in order."""
    places = torch.tensor(settings, dtype=torch.long)
    return (torch.arange(seeds).unsqueeze(1) * count + places).flatten()
