"""The losses of an array: members with different losses and terms, each with its own weights."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from sweeper.losses.combined import CombinedMarginLoss
from sweeper.losses.from_setting import make_loss
from sweeper.losses.nearest_mean import nearness
from sweeper.losses.softmax import SoftmaxLoss
from sweeper.registry.setting import Setting
from sweeper.training.loss_group import InitialState, LossGroup, loss_groups
from sweeper.training.optimizer import narrowed

#: What a loss learns, each kind with an optimizer of its own: class weights like the net's, scales
#: without a decay, and what terms hold, at a rate of its own.
ParameterKind = Literal["weights", "scale", "term"]


class Criterion(nn.Module):
    """The losses of K settings times R seeds, each with the terms beside it.

    What members of one structure have (plain softmax; all margin losses; a term) is a `LossGroup`,
    computed at once. Member ``r * K + k`` has setting k and the initial state of seed r.

    Args:
        settings: the K settings.
        initial_states: of the R seeds, see `draw_initial_state`.
        like: a tensor of the device and the precision to compute on.
        training_steps: how many there will be, of which a warm-up takes its share.
        rounds_products: whether losses may compute products with many class weights in bfloat16.
    """

    def __init__(
        self,
        settings: Sequence[Setting],
        initial_states: Sequence[InitialState],
        like: Tensor,
        training_steps: int,
        rounds_products: bool = False,
    ) -> None:
        super().__init__()
        seeds = len(initial_states)
        self.sizes = initial_states[0].sizes
        self.settings = [*settings] * seeds  # of each member
        self.training_steps = training_steps
        self.group_modules = nn.ModuleDict()
        self.groups: dict[str, LossGroup] = {}
        self.members: dict[str, Tensor] = {}
        self.weights: dict[str, Tensor | None] = {}
        for group in dict.fromkeys(each for setting in settings for each in loss_groups(setting)):
            places = [k for k, setting in enumerate(settings) if group in loss_groups(setting)]
            chosen = [settings[k] for k in places]
            module = group.build(chosen, seeds, *self.sizes, training_steps)
            for name, parameter in module.named_parameters():
                if name == "log_scale":  # not drawn: its initial value is the setting's scale
                    continue
                drawn: list[Tensor] = [
                    state.modules[group].get_parameter(name) for state in initial_states
                ]
                parameter.data = torch.stack(drawn).detach().repeat_interleave(len(chosen), 0)
            if isinstance(module, CombinedMarginLoss | SoftmaxLoss):
                module.rounds_products = rounds_products
            self.group_modules[group.name] = module
            self.groups[group.name] = group
            members = member_index(places, len(settings), seeds)
            self.members[group.name] = members.to(like.device)
            weights = group.weights(chosen, seeds)
            self.weights[group.name] = None if weights is None else weights.to(like)
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
        logits: list[Tensor] = []
        order = []
        for _, module, members in self._losses():
            if hasattr(module, "logits"):
                logits.append(module.logits(features[members]))
            else:
                assert means is not None
                logits.append(nearness(features[members], means[members]))
            order.append(members)
        if len(logits) == 1:
            (alone,) = logits
            return alone
        return torch.cat(logits)[torch.cat([m for m in order if isinstance(m, Tensor)]).argsort()]

    def stacked_parameters(self, kind: ParameterKind) -> list[tuple[Tensor, Tensor]]:
        """Return the parameters ``[m, ...]`` of a kind, with the members ``[m]`` they belong to."""
        return [
            (parameter, self.members[name])
            for name, module in self.group_modules.items()
            for own, parameter in module.named_parameters()
            if _kind(self.groups[name], own) == kind
        ]

    def class_values(self) -> dict[int, dict[str, Tensor]]:
        """Return what each member's loss and terms tell of the classes: copies ``[C]`` by name.

        Any module may have a method ``class_values`` that returns tensors ``[m, C]`` by name; those
        of a term are named ``sigma2r.growth``. Members without any are left out.
        """
        found: dict[int, dict[str, Tensor]] = defaultdict(dict)
        for group, module in self.group_modules.items():
            own_values: Callable[[], dict[str, Tensor]] | None = getattr(
                module, "class_values", None
            )
            if own_values is None:
                continue
            term = self.groups[group].term
            for own, values in own_values().items():
                name = own if term is None else f"{term}.{own}"
                for place, member in enumerate(self.members[group].tolist()):
                    found[member][name] = values[place].detach().clone()
        return dict(found)

    def keep(self, kept: Tensor) -> None:
        """Drop all members but these from what the optimizer does not hold."""
        self.settings = [self.settings[m] for m in kept.tolist()]
        for name, module in self.group_modules.items():
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
            group = next(each for each in loss_groups(self.settings[m]) if each.term == term)
            place = int((self.members[group.name] == m).nonzero())
            stacked = self.group_modules[group.name].state_dict()[own]
            state[key] = (stacked[place] if stacked.dim() else stacked).detach().clone()
        return state

    def _losses(self) -> Iterator[tuple[str, Any, Tensor | slice]]:
        """Yield the groups that are losses, not terms; every member is in one of them."""
        return (each for each in self._each() if self.groups[each[0]].term is None)

    def _each(self) -> Iterator[tuple[str, Any, Tensor | slice]]:
        """Yield each group that has members left, with them; all members need no copy."""
        for name, module in self.group_modules.items():
            members = self.members[name]
            if len(members):
                whole = len(members) == len(self.settings)
                yield name, module, slice(None) if whole else members


def _kind(group: LossGroup, parameter: str) -> ParameterKind:
    if group.term is not None:
        return "term"
    return "scale" if parameter == "log_scale" else "weights"


def draw_initial_state(
    settings: Sequence[Setting], num_classes: int, embedding_size: int
) -> InitialState:
    """Draw the initial weights of a seed from PyTorch's global generator.

    Losses are drawn from the generator's state, terms from another that follows from it, so that
    the weights of one do not depend on which others a setting has.
    """
    of_losses = torch.get_rng_state()
    # Out of the same numbers centers would depend on the class weights, with a correlation of -0.3.
    torch.default_generator.manual_seed(int(torch.randint(2**62, ())))
    of_terms = torch.get_rng_state()
    modules: dict[LossGroup, nn.Module] = {}
    for setting in settings:
        for group in loss_groups(setting):
            if group not in modules:
                torch.set_rng_state(of_losses if group.term is None else of_terms)
                modules[group] = group.alone(setting, num_classes, embedding_size)
    return InitialState((num_classes, embedding_size), modules)


def member_index(settings: Sequence[int], count: int, seeds: int) -> Tensor:
    """Return the members of some of an array's `count` settings, over all seeds, in order."""
    places = torch.tensor(settings, dtype=torch.long)
    return (torch.arange(seeds).unsqueeze(1) * count + places).flatten()
