"""What tells that a card or a machine ran out of memory."""

import torch

#: What errors say that have no type of their own: of the CPU, of a graph, of cuBLAS, of C++.
_TEXTS = (
    *("DefaultCPUAllocator: can't allocate", "CUDA error: out of memory"),
    *("CUBLAS_STATUS_ALLOC_FAILED", "bad_alloc"),
)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error is, or came of, a card or a machine without memory left.

    What is no error of PyTorch or Python's memory is none, even while one of those is handled.
    """
    link: BaseException | None = error
    while isinstance(link, (RuntimeError, MemoryError)):
        if isinstance(link, (torch.OutOfMemoryError, MemoryError)):
            return True
        if any(text in str(link) for text in _TEXTS):
            return True
        link = link.__cause__ or link.__context__  # to end a capture that failed fails, too
    return False
