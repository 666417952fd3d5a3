"""A process that trains keeps what it freed: counted in pages that the system had to clear."""

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, resource, sys
import torch
from sweeper.training import use_processor

if sys.argv[1] == "keep":
    use_processor(3)
    assert torch.get_num_threads() == 3

def step():
    for _ in range(20):
        torch.empty(2**22).fill_(1.0)  # 16 MB: 4,096 pages

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is what is set")
def test_freed_memory_is_not_cleared_anew():
    def faults(what):
        command = [sys.executable, "-c", PROGRAM, what]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    left, kept = faults("leave"), faults("keep")
    assert kept < 1000, f"{kept} pages were cleared, {left} as glibc does it"
