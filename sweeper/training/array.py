"""K trials times R seeds, trained together as one stacked model."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from sweeper import models
from sweeper.models.fused import fuse
from sweeper.setting import Setting
from sweeper.training.criterion import Criterion, Start, draw_start, member_index
from sweeper.training.optimiser import MemberAdamW, cosine_decay
from sweeper.training.order import batches, draws, steps_per_epoch
from sweeper.training.samples import TrainingData


class Array:
    """K settings, each trained with R seeds; member ``r * K + k`` is setting k with seed r.

    A seed fixes the start of net and loss and the order of the batches, so trials of one seed share
    their batches, and every trial gives what it would give alone. Trials leave by `keep`.

    Args:
        data: what is trained on; also decides device and precision.
        settings: the K settings.
        seeds: the R seeds.
        net: a net's name, see `sweeper.models.build`.
        embedding: the size of the embedding.
        epochs: the budget, over which the learning rate falls along a cosine.
        batch_size: samples a batch.
    """

    def __init__(
        self,
        data: TrainingData,
        settings: Sequence[Setting],
        seeds: Sequence[int],
        net: str,
        embedding: int,
        epochs: int,
        batch_size: int,
    ) -> None:
        self.data, self.seeds, self.settings = data, list(seeds), list(settings)
        self.epochs, self.batch_size = epochs, batch_size
        self.epoch = 0
        nets, starts = [], []
        with torch.random.fork_rng(devices=[]):  # the user's generator is left alone
            for seed in seeds:
                torch.default_generator.manual_seed(seed)  # the CPU's alone: nets are drawn there
                alone, start = _start(data, net, embedding)
                nets += [alone] * len(settings)
                starts.append(start)
            self.net = fuse(nets).to(data.mean)
            self.criterion = Criterion(settings, starts, like=data.mean)
        every = torch.arange(len(nets), device=data.device)
        self.optimiser = MemberAdamW(
            [
                *((parameter, every) for parameter in self.net.parameters()),
                *self.criterion.stacked_parameters(),
            ],
            lr=self._values("lr"),
            weight_decay=self._values("weight_decay"),
        )

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
        n = len(self.data.train)
        steps = steps_per_epoch(n, self.batch_size)
        total = torch.zeros(math.prod(self.shape), dtype=self.data.dtype, device=self.data.device)
        order = batches(n, self.batch_size, self.seeds, self.epoch, self.data.device)
        for step, index in enumerate(order):
            if stop():
                raise Interrupted
            inputs = self.data.batch(self.data.train.inputs[index])
            labels = self.data.train.labels[index].repeat_interleave(len(self.settings), 0)
            done = self.epoch * steps + step
            losses = self.criterion(self.net(inputs, draws(self.seeds, done)), labels)
            losses.sum().backward()
            self.optimiser.step(cosine_decay(done, self.epochs * steps))
            total += losses.detach()
        self.epoch += 1
        return (total / steps).view(self.shape)

    @torch.no_grad()
    def embed(self, inputs: Tensor) -> Tensor:
        """Return every member's features ``[M, N, d]`` of stored inputs ``[N, ...]``."""
        self.net.eval()
        # In blocks of a batch: that is what the number of members was chosen for.
        blocks = [
            self.net(self.data.batch(block).unsqueeze(0)) for block in inputs.split(self.batch_size)
        ]
        return torch.cat(blocks, dim=1)

    def keep(self, kept: Sequence[int]) -> None:
        """Go on with the settings at these places alone, in their order."""
        members = member_index(kept, len(self.settings), len(self.seeds)).to(self.data.device)
        self.optimiser.keep(members)
        self.net.keep(members)
        self.criterion.keep(members)
        self.settings = [self.settings[k] for k in kept]

    def member_state(self, r: int, k: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return copies of the weights of setting k with seed r: the net's and the loss's."""
        member = r * len(self.settings) + k
        return self.net.member_state(member), self.criterion.member_state(member)

    def end_training(self) -> None:
        """Free what only further steps would need: half of what the array holds."""
        self.optimiser.forget()

    def _values(self, name: str) -> Tensor:
        values = [getattr(setting, name) for setting in self.settings]
        return (
            torch.tensor(values, dtype=self.data.dtype).repeat(len(self.seeds)).to(self.data.device)
        )


class Interrupted(Exception):
    """Training was told to stop within an epoch."""


def _start(data: TrainingData, net: str, embedding: int) -> tuple[torch.nn.Module, Start]:
    """Draw the net and the losses that a seed starts from."""
    shape = tuple(data.train.inputs.shape[1:])
    alone = models.build(net, shape, embedding)
    return alone, draw_start(data.num_classes, models.embedding_size(alone, shape))
