"""Running out of memory, and fewer members after it."""

import gc

import torch

from sweeper.training import remembered
from sweeper.training.samples import TrainingData


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error is, or came of, a card or a machine without memory left."""
    while error.__context__ is not None:  # to end the capture of a graph that failed fails, too
        error = error.__context__
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    # PyTorch has no type for it on the CPU.
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator: can't allocate" in str(error)


def fit_fewer(
    data: TrainingData, net: str, embedding: int, batch_size: int, pairs: bool, members: int
) -> None:
    """Remember on this machine that so many members fit and no more, and free what can be."""
    remembered.keep(remembered.key(data, net, embedding, batch_size, pairs), members)
    gc.collect()
    if data.device.type == "cuda":
        torch.cuda.empty_cache()
