"""K trials times R seeds, trained together as one stacked model."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from sweeper import models
from sweeper.losses.cosine import unit_length
from sweeper.models.fused import fuse
from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.training.batching import draws
from sweeper.training.criterion import Criterion, draw_initial_state, member_index
from sweeper.training.graphed_step import GraphedStep, graphs_for
from sweeper.training.loss_group import InitialState
from sweeper.training.optimizer import MemberAdamW
from sweeper.training.recipe import TrainingRecipe
from sweeper.training.samples import TrainingData
from sweeper.training.schedule import rate_factor
from sweeper.training.step import Step


class FusedTrainer:
    """K settings, each trained with R seeds; member ``r * K + k`` is setting k with seed r.

    A seed fixes the initial weights and the order of the batches, so trials share the batches of
    their seed, and every trial gives what it would give alone. Trials leave by `keep`.

    Args:
        data: what is trained on; also decides device and precision.
        settings: the K settings.
        seeds: the R seeds.
        recipe: how they are trained.
    """

    def __init__(
        self,
        data: TrainingData,
        settings: Sequence[Setting],
        seeds: Sequence[int],
        recipe: TrainingRecipe,
    ) -> None:
        self.data, self.seeds, self.settings = data, list(seeds), list(settings)
        self.recipe = recipe
        self.steps = recipe.steps_per_epoch(data.train.labels)
        self.epoch = 0
        nets, initial_states = [], []
        with torch.random.fork_rng(devices=[]):  # the user's generator is left alone
            for seed in seeds:
                torch.default_generator.manual_seed(seed)  # the CPU's alone: nets are drawn there
                net, initial_state = _draw(data, settings, recipe)
                nets += [net] * len(settings)
                initial_states.append(initial_state)
            self.net = fuse(nets).to(data.mean)
            self.criterion = Criterion(
                settings, initial_states, data.mean, recipe.epochs * self.steps
            )
        every = torch.arange(len(nets), device=data.device)
        of_net = [(parameter, every) for parameter in self.net.parameters()]
        rates, decay = self._values("lr"), self._values("weight_decay")
        none = torch.zeros_like(decay)  # a decay would pull centers to the origin, a scale to 1
        stacked = self.criterion.stacked_parameters
        groups = (
            ([*of_net, *stacked("weights")], rates, decay),
            (stacked("scale"), rates, none),
            (stacked("term"), self._values("term_lr"), none),
        )
        self.optimizers = [MemberAdamW(*group) for group in groups if group[0]]
        total = torch.zeros(len(nets), dtype=data.dtype, device=data.device)
        step = Step(self.net, self.criterion, self.optimizers, total, data.autocast)
        self.take_step = GraphedStep(step, graphs_for(self.net, data.device))

    @property
    def shape(self) -> tuple[int, int]:
        """``(R, K)``, the layout of everything that is measured."""
        return len(self.seeds), len(self.settings)

    def train_epoch(self, stop: Callable[[], bool] = lambda: False) -> Tensor:
        """Train one epoch.

        Args:
            stop: asked before each step; the epoch is abandoned by `Interrupted` once it says yes.

        Returns:
            The mean loss of the epoch ``[R, K]``, not finite for members that diverged.
        """
        self.net.train()
        self.criterion.train()
        data, recipe = self.data, self.recipe
        total = self.take_step.total.zero_()
        order = recipe.protocol.batches(
            data.train.labels, recipe.batch_size, self.seeds, self.epoch, data.device
        )
        for step, index in enumerate(order):
            if stop():
                raise Interrupted
            done = self.epoch * self.steps + step
            inputs = self._augmented(data.train.inputs[index], done)
            labels = data.train.labels[index].repeat_interleave(len(self.settings), 0)
            factor = rate_factor(recipe.protocol.decay, done, self.steps, recipe.epochs)
            self.take_step(inputs, labels, factor, draws(self.seeds, done))
        self.epoch += 1
        return (total / self.steps).view(self.shape)

    @torch.no_grad()
    def embed(self, inputs: Tensor, exact: bool = True) -> Tensor:
        """Return every member's features ``[M, N, d]`` of stored inputs ``[N, ...]``.

        Args:
            inputs: images or embeddings.
            exact: runs the nets in full precision; else in that of the training.
        """
        self.net.eval()
        half = self.data.autocast and not exact
        # In blocks of one batch: the number of members was chosen for these to fit.
        with torch.autocast(self.data.device.type, torch.bfloat16, enabled=half):
            blocks = [
                self.net(self.data.batch(block).unsqueeze(0))
                for block in inputs.split(self.recipe.batch_size)
            ]
        return torch.cat(blocks, dim=1).to(self.data.dtype)

    @torch.no_grad()
    def logits(self, features: Tensor) -> Tensor:
        """Return every member's logits without margin ``[M, N, C]`` of its features ``[M, N, d]``.

        Where a loss has no classifier, of pairs and triplets, they tell the nearest class mean.
        """
        self.criterion.eval()
        means = self._class_means() if self.criterion.needs_means else None
        return self.criterion.logits(features, means)

    def class_values(self) -> dict[tuple[int, int], dict[str, Tensor]]:
        """Return what losses and terms tell of each class, ``[C]`` by name, by ``(r, k)``."""
        found = self.criterion.class_values()
        return {divmod(member, len(self.settings)): values for member, values in found.items()}

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the settings at these places alone, in their order."""
        members = member_index(kept, len(self.settings), len(self.seeds)).to(self.data.device)
        self.take_step.keep(members)
        for optimizer in self.optimizers:
            optimizer.keep(members)
        self.net.keep(members)
        self.criterion.keep(members)
        self.settings = [self.settings[k] for k in kept]

    def state_dict(self) -> dict[str, Any]:
        """Return all that training has changed, as tensors and plain values that share its memory.

        Random orders, augmentations and dropout follow from seed and step: nothing of them is kept.
        """
        return {
            "epoch": self.epoch,
            "net": self.net.state_dict(),
            "criterion": self.criterion.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from the `state_dict` of an array of these settings that dropped the same ones."""
        self.epoch = state["epoch"]
        self.net.load_state_dict(state["net"])
        self.criterion.load_state_dict(state["criterion"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)

    def member_state(self, r: int, k: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return copies of the weights of setting k with seed r: the net's and the loss's.

        The latter are those of `sweeper.losses.make_loss`, or, where that is of pairs or triplets,
        of a `sweeper.losses.NearestMean`.
        """
        member = r * len(self.settings) + k
        if not LOSSES[self.settings[k].loss].has_classes:
            loss = {"means": self._class_means()[member].clone()}
        else:
            loss = self.criterion.member_state(member)
        return self.net.member_state(member), loss

    def end_training(self) -> None:
        """Free what only further steps would need: half of what the array holds."""
        self.take_step.forget()
        for optimizer in self.optimizers:
            optimizer.forget()

    def _augmented(self, inputs: Tensor, step: int) -> Tensor:
        """Turn a batch as stored ``[R, B, ...]`` into what the nets take, changed at random."""
        if augmentation := self.recipe.protocol.augmentation:
            inputs = augmentation.apply(inputs.to(self.data.dtype), self.seeds, step)
        return self.data.batch(inputs)

    @torch.no_grad()
    def _class_means(self) -> Tensor:
        """Return the class means ``[M, C, d]`` of the training samples, at unit length each."""
        train, sums = self.data.train, None
        # Block by block: the features of all members and samples need not fit into the memory.
        size = max(self.recipe.batch_size, 1024)
        for inputs, labels in zip(train.inputs.split(size), train.labels.split(size), strict=True):
            features = unit_length(self.embed(inputs))
            if sums is None:
                shape = (len(features), self.data.num_classes, features.shape[-1])
                # In float64: a GPU adds in any order, and what that changes is rounded away.
                sums = features.new_zeros(shape, dtype=torch.float64)
            sums.index_add_(1, labels.long(), features.double())
        assert sums is not None
        counts = train.labels.bincount(minlength=self.data.num_classes)
        return (sums / counts.unsqueeze(-1)).to(self.data.dtype)

    def _values(self, name: str) -> Tensor:
        values = [setting[name] for setting in self.settings]
        return (
            torch.tensor(values, dtype=self.data.dtype).repeat(len(self.seeds)).to(self.data.device)
        )


class Interrupted(Exception):
    """Training was stopped in the middle of an epoch."""


def _draw(
    data: TrainingData, settings: Sequence[Setting], recipe: TrainingRecipe
) -> tuple[torch.nn.Module, InitialState]:
    """Draw the initial net and losses of a seed."""
    shape = tuple(data.train.inputs.shape[1:])
    net = models.build(recipe.net, shape, recipe.embedding)
    return net, draw_initial_state(settings, data.num_classes, models.embedding_size(net, shape))
