"""Which devices compute faster in bfloat16."""

import torch

from sweeper.cpuinfo import instruction_sets

#: What Linux calls instructions for bfloat16, the fastest first: of Intel and AMD, and of ARM.
_FLAGS = ("amx_bf16", "avx512_bf16", "bf16")


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device has instructions for bfloat16; emulated they would be slower.

    Of a processor that is what Linux says of it; elsewhere the answer is no.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(bfloat16_instructions())


def bfloat16_instructions() -> str:
    """Return what the processor's fastest instructions for bfloat16 are called, "" without any."""
    return next((flag for flag in _FLAGS if flag in instruction_sets()), "")
