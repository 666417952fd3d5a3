"""Images and labels passed in Python, as arrays or tensors."""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from sweeper.data.arrays import to_embeddings, to_images, to_texts
from sweeper.data.class_names import encode, require_two_classes
from sweeper.errors import UsageError

_NEEDED = (
    "uint8 images [N, H, W], [N, H, W, C] or [N, C, H, W], or floating-point embeddings [N, d]"
)


def given_inputs(images: ArrayLike | Tensor) -> Tensor:
    """Return images as uint8 ``[N, C, H, W]``, and embeddings as float32 ``[N, d]``.

    Args:
        images: uint8 ``[N, H, W]``, ``[N, H, W, C]`` or ``[N, C, H, W]`` with 1 or 3 channels, see
            `to_images`, or floating-point embeddings ``[N, d]``; on any device.

    Raises:
        UsageError: the type or shape is not supported, there are no images, or embeddings are not
            finite.
    """
    array = _array(images, "images")
    is_images = array.dtype == np.uint8 and array.ndim in (3, 4)
    is_embeddings = array.dtype.kind == "f" and array.ndim == 2
    if not (is_images or is_embeddings) or not len(array):
        raise UsageError(f"images: got {array.dtype} {list(array.shape)}, need {_NEEDED}")
    try:
        if not is_images:
            return to_embeddings(array)
        # PyTorch warns about read-only memory.
        return to_images(array if array.flags.writeable else array.copy())
    except ValueError as error:
        raise UsageError(f"{'images' if is_images else 'embeddings'}: {error}") from None


def given_labels(labels: ArrayLike | Tensor, number: int) -> Tensor:
    """Return labels as int64 ``[N]``, counted from 0.

    Args:
        labels: ``[N]``, integers or strings.
        number: N, the number of images.

    Raises:
        UsageError: the shape, the length or the type of the values is wrong.
        SweeperError: there is only one class.
    """
    array = _array(labels, "labels")
    if array.shape != (number,):
        raise UsageError(f"labels: shape {list(array.shape)}, but the images need [{number}]")
    if array.dtype == object and all(isinstance(label, str) for label in array):
        array = array.astype(str)  # a pandas column
    try:
        numbers, names = encode(to_texts(array))
    except ValueError as error:
        raise UsageError(f"labels: {error}") from None
    require_two_classes(names, "labels")
    return numbers


def _array(values: ArrayLike | Tensor, what: str) -> NDArray[Any]:
    if isinstance(values, Tensor):
        plain = values.detach().cpu()
        # NumPy has no bfloat16.
        return (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    try:
        return np.asarray(values)
    except ValueError as error:
        raise UsageError(f"{what}: cannot be converted to an array: {error}") from None
