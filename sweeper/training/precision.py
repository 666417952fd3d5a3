"""Which devices compute faster in bfloat16."""

from functools import cache
from pathlib import Path

import torch

#: What Linux calls instructions for bfloat16, the fastest first: of Intel and AMD, and of ARM.
_FLAGS = ("amx_bf16", "avx512_bf16", "bf16")


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device has instructions for bfloat16; emulated they would be slower.

    Of a processor that is what Linux says of it; elsewhere the answer is no.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(bfloat16_instructions())


@cache
def bfloat16_instructions() -> str:
    """Return what the processor's fastest instructions for bfloat16 are called, "" without any."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    told = [line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Feat"))]
    return next((flag for flag in _FLAGS if any(flag in flags for flags in told)), "")
