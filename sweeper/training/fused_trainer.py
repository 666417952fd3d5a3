"""K trials times R seeds, trained together as one stacked model."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

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
from sweeper.training.samples import Samples, TrainingData
from sweeper.training.schedule import rate_factor
from sweeper.training.step import Step


class FusedTrainer:
    """K settings, each trained with R seeds; member ``r * K + k`` is setting k with seed r.

    A seed fixes the initial weights, the samples where classes are held out, and the order of the
    batches, so trials share the batches of their seed, and every trial gives what it would give
    alone. Trials leave by `keep`.

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
        self.of_seeds = [data.of_seed(seed) for seed in self.seeds]
        self.steps = recipe.steps_per_epoch(data.train.labels, data.images_per_epoch)
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
                settings, initial_states, data.mean, recipe.epochs * self.steps, data.autocast
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
        for step, (places, labels) in enumerate(self._batches()):
            if stop():
                raise Interrupted
            done = self.epoch * self.steps + step
            inputs = self._augmented(data.train.inputs[places], done)
            labels = labels.repeat_interleave(len(self.settings), 0)
            factor = rate_factor(recipe.protocol.decay, done, self.steps, recipe.epochs)
            self.take_step(inputs, labels, factor, draws(self.seeds, done))
        self.epoch += 1
        return (total / self.steps).view(self.shape)

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield an epoch's batches ``[R, B]``, a row per seed: places in the inputs, and labels."""
        protocol, size = self.recipe.protocol, self.recipe.batch_size
        drawn = self.data.images_per_epoch
        if not self.data.folds:
            train = self.data.train
            for index in protocol.batches(
                train.labels, size, self.seeds, self.epoch, self.data.device
            ):
                yield train.at(index), train.labels[index]
            return
        rows = []
        for seed, data in zip(self.seeds, self.of_seeds, strict=True):
            labels, device = data.train.labels, data.device
            rows.append([*protocol.batches(labels, size, [seed], self.epoch, device, drawn)])
        sizes = [index.shape[1] for index in rows[0]]
        whole = [torch.cat(row, dim=1)[0] for row in rows]
        pairs = list(zip(self.of_seeds, whole, strict=True))
        places = torch.stack([data.train.at(index) for data, index in pairs])
        labels = torch.stack([data.train.labels[index] for data, index in pairs])
        yield from zip(places.split(sizes, dim=1), labels.split(sizes, dim=1), strict=True)

    def embed(self, inputs: Tensor, exact: bool = True) -> Tensor:
        """Return every member's features ``[M, N, d]`` of stored inputs ``[N, ...]``.

        Args:
            inputs: images or embeddings.
            exact: runs the nets in full precision; else in that of the training.
        """
        # In blocks of one batch: the number of members was chosen for these to fit.
        blocks = (block.unsqueeze(0) for block in inputs.split(self.recipe.batch_size))
        return self._embed(blocks, exact)

    def embed_own(self, samples: Sequence[Samples], exact: bool = True) -> Tensor:
        """Return every member's features ``[M, N, d]`` of its seed's own samples.

        Args:
            samples: those of each seed, with common inputs. N is the number of the most, and where
                a seed has fewer, features of any sample fill its rows.
            exact: as of `embed`.
        """
        first = samples[0]
        if all(each is first for each in samples):
            return self.embed(first.gathered(), exact)
        every = [each.at(torch.arange(len(each), device=first.labels.device)) for each in samples]
        places = pad_sequence(every, batch_first=True)
        blocks = (first.inputs[block] for block in places.split(self.recipe.batch_size, dim=1))
        return self._embed(blocks, exact)

    @torch.no_grad()
    def _embed(self, blocks: Iterable[Tensor], exact: bool) -> Tensor:
        """Return the features ``[M, N, d]`` of blocks ``[R or 1, B, ...]`` of stored inputs."""
        self.net.eval()
        half = self.data.autocast and not exact
        with torch.autocast(self.data.device.type, torch.bfloat16, enabled=half):
            features = [self.net(self.data.batch(block)) for block in blocks]
        return torch.cat(features, dim=1).to(self.data.dtype)

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
        members, sums = len(self.settings), None
        every, counts = [data.train for data in self.of_seeds], []
        most = max(map(len, every))
        # Block by block: the features of all members and samples need not fit into the memory.
        size = max(self.recipe.batch_size, 1024)
        for start in range(0, most, size):
            of = {id(train): train.part(start, start + size) for train in every}
            blocks = [of[id(train)] for train in every]  # one and the same where all seeds share it
            features = unit_length(self.embed_own(blocks))
            if sums is None:
                shape = (len(features), self.data.num_classes, features.shape[-1])
                # In float64: a GPU adds in any order, and what that changes is rounded away.
                sums = features.new_zeros(shape, dtype=torch.float64)
            for r, block in enumerate(blocks):
                own = slice(r * members, (r + 1) * members)
                sums[own].index_add_(1, block.labels.long(), features[own, : len(block)].double())
        assert sums is not None
        for train in every:
            count = train.labels.bincount(minlength=self.data.num_classes)
            counts += [count] * members
        return (sums / torch.stack(counts).unsqueeze(-1)).to(self.data.dtype)

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
