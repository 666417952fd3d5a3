"""Which devices compute faster in bfloat16."""

from functools import cache
from pathlib import Path

import torch

#: What Linux calls instructions for bfloat16: of Intel and AMD, and of ARM.
_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device has instructions for bfloat16; emulated they would be slower.

    Of a processor that is what Linux says of it; elsewhere the answer is no.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and _processor_has_bfloat16()


@cache
def _processor_has_bfloat16() -> bool:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    told = [line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Feat"))]
    return any(not _FLAGS.isdisjoint(flags) for flags in told)
