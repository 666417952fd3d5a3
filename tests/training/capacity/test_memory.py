"""What counts as running out of memory."""

import pytest
import torch

from sweeper.training import is_out_of_memory

CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")


def raised(error, within=None, cause=None):
    """The error as it is after it was raised, perhaps while another was handled."""
    try:
        if within is None:
            raise error from cause
        try:
            raise within
        except Exception:
            raise error  # noqa: B904
    except Exception as caught:
        return caught


@pytest.mark.parametrize(
    "error",
    [
        CUDA,
        MemoryError(),
        RuntimeError("CUDA error: out of memory\nCompile with TORCH_USE_CUDA_DSA"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
        RuntimeError("std::bad_alloc"),
    ],
    ids=lambda error: str(error)[:20],
)
def test_it_is_known_by_type_or_text(error):
    assert is_out_of_memory(raised(error))
    assert is_out_of_memory(raised(error, within=KeyError("something else was handled")))


def test_of_the_cpu_itself():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert is_out_of_memory(caught.value)


def test_a_capture_that_fails_after_it_came_of_it():
    failed = RuntimeError("CUDA error: operation failed due to a previous error during capture")
    assert is_out_of_memory(raised(failed, within=CUDA))
    assert is_out_of_memory(raised(failed, cause=CUDA))


def test_another_error_while_it_is_handled_is_not():
    assert not is_out_of_memory(raised(ValueError("the database is gone"), within=CUDA))
    assert not is_out_of_memory(raised(RuntimeError("mat1 and mat2 shapes cannot be multiplied")))
