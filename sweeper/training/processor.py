"""How a process uses the processor while it trains."""

import ctypes

import torch

#: Parameters of glibc's `mallopt`, and the largest values that they take.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_LARGEST, _LARGEST_MMAP = 2**31 - 1, 2**25


def use_processor(threads: int) -> None:
    """Train with this many threads from now on, and keep freed memory in the process.

    Each step frees and takes the same tensors. Left to itself glibc gives large ones back to the
    system, which clears every page of them anew: 5 to 15 % of a step, for all nets. What a process
    holds at most hardly changes by it. Where there is no glibc, nothing is set but the threads.
    """
    torch.set_num_threads(threads)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP)
        mallopt(_M_TRIM_THRESHOLD, _LARGEST)
        mallopt(_M_TOP_PAD, 2**26)
