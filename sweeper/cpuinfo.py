"""What the operating system tells of the processor; much of it Linux alone does."""

import platform
from functools import cache
from pathlib import Path


@cache
def model_name() -> str:
    """Return what the processor is called; elsewhere than on Linux, its kind."""
    names = _values("model name")
    return names[0] if names else platform.processor() or platform.machine()


@cache
def instruction_sets() -> frozenset[str]:
    """Return what Linux calls the instructions that the processor has; nothing elsewhere."""
    return frozenset(name for line in _values("flags", "Features") for name in line.split())


def _values(*names: str) -> list[str]:
    """Return what stands after these names in the lines of /proc/cpuinfo, of all cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in pairs if name.strip() in names]
