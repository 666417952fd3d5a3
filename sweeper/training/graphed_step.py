"""Steps of training captured once as CUDA graphs and replayed: one launch instead of hundreds."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple, Protocol
from weakref import WeakSet

import torch
from torch import Tensor, nn

from sweeper.models.fused import FusedNet
from sweeper.training.out_of_memory import is_out_of_memory
from sweeper.training.step import Step

_log = logging.getLogger(__name__)

#: Steps of a batch's shape that are taken eagerly before it is captured: they create the moments
#: of the optimizers, and load and choose the kernels, which a capture could not.
WARM_UP = 3


class Graphs(Protocol):
    """What captures work on a device, and replays it."""

    def warm_up(self, run: Callable[[], None]) -> None:
        """Run work as it will be captured, but for real."""

    def capture(self, run: Callable[[], None]) -> Callable[[], None]:
        """Return what does the work of `run` on the same tensors; nothing is done by now.

        Raises:
            RuntimeError: it holds what cannot be captured.
        """


class GraphedStep:
    """A step that is captured for each shape of batches once it was taken a few times.

    Every call is one step of training, eager or replayed. Where a capture fails, the steps stay
    eager for good.

    Args:
        step: what is captured; its net must not use `draws`.
        graphs: what captures; None to take each step eagerly.
    """

    def __init__(self, step: Step, graphs: Graphs | None) -> None:
        self.step, self.graphs = step, graphs
        self.eager: Counter[torch.Size] = Counter()
        self.held: dict[torch.Size, _Held] = {}

    @property
    def total(self) -> Tensor:
        """Where the losses ``[M]`` of the steps are added up."""
        return self.step.total

    def __call__(
        self, inputs: Tensor, labels: Tensor, factor: float, draws: Sequence[int] | None = None
    ) -> None:
        """Take one step; arguments as of `Step`."""
        shape = inputs.shape
        if self.graphs and shape not in self.held and self.eager[shape] >= WARM_UP:
            self._capture(self.graphs, inputs, labels)
        if self.graphs is None:
            self.step(inputs, labels, factor, draws)
        elif shape in self.held:
            held = self.held[shape]
            held.inputs.copy_(inputs)
            held.labels.copy_(labels)
            held.factor.fill_(factor)
            held.replay()
        else:
            self.eager[shape] += 1
            held_factor = self.step.total.new_full((), factor)  # as it will be captured
            self.graphs.warm_up(lambda: self.step(inputs, labels, held_factor, draws))

    def forget(self) -> None:
        """Drop what was captured; due before any tensor is replaced that the step works on."""
        self.eager.clear()
        self.held.clear()

    def keep(self, members: Tensor) -> None:
        """Go on with these members ``[M']`` alone."""
        self.forget()
        self.step.total = self.step.total[members]

    def _capture(self, graphs: Graphs, inputs: Tensor, labels: Tensor) -> None:
        """Capture the step for batches of this shape, unless that fails."""
        buffers = inputs.clone(), labels.clone(), self.step.total.new_zeros(())
        try:
            replay = graphs.capture(lambda: self.step(*buffers))
        except RuntimeError as error:
            self.forget()
            self.step.abandon()
            if is_out_of_memory(error):  # who made the array has fewer members train together
                raise
            self.graphs = None
            _log.warning("training goes on without CUDA graphs: %s", _cause(error))
        else:
            self.held[inputs.shape] = _Held(*buffers, replay)


class _Held(NamedTuple):
    """What a replay reads, and the replay."""

    inputs: Tensor
    labels: Tensor
    factor: Tensor
    replay: Callable[[], None]


class CudaGraphs:
    """CUDA graphs, all in one pool of memory: none leaves anything there for another.

    Args:
        device: a CUDA device.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def warm_up(self, run: Callable[[], None]) -> None:
        """Run work on the stream that captures, where cuBLAS then has its memory already."""
        side, current = _side_stream(self.device), torch.cuda.current_stream(self.device)
        side.wait_stream(current)
        try:
            with torch.cuda.stream(side):
                run()
        finally:  # what the work reads must not be freed before, even if it failed
            current.wait_stream(side)

    def capture(self, run: Callable[[], None]) -> Callable[[], None]:
        """Return what does the work of `run` on the same tensors; nothing is done by now.

        Raises:
            RuntimeError: it holds what cannot be captured.
        """
        graph = torch.cuda.CUDAGraph()
        # A pool may be shared with graphs that live, but not taken up again after all have gone.
        pool = next((other.pool() for other in _living), None)
        with torch.cuda.graph(graph, pool, _side_stream(self.device)):
            run()
        _living.add(graph)
        return graph.replay


def graphs_for(net: nn.Module, device: torch.device) -> Graphs | None:
    """Return what captures the steps of a net on a device, or None where none should be.

    Other nets than fused ones draw random numbers under a seed of each step, which a graph cannot.
    """
    return CudaGraphs(device) if device.type == "cuda" and isinstance(net, FusedNet) else None


_living: WeakSet[torch.cuda.CUDAGraph] = WeakSet()


@cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)


def _cause(error: BaseException) -> str:
    """Return the first line of what an error began with: ending a failed capture fails again."""
    while error.__context__ is not None:
        error = error.__context__
    return (str(error) or type(error).__name__).splitlines()[0]
