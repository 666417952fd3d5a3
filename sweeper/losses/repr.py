"""The `extra_repr` of terms."""

from collections.abc import Mapping

from torch import Tensor


def extra_repr(settings: Mapping[str, object], centers: Tensor | None = None) -> str:
    """Return ``name=value`` of all settings, after the sizes read from the centers.

    Args:
        settings: values by name; tensors are shown as lists.
        centers: ``[C, d]`` or ``[K, C, d]``.
    """
    shown: dict[str, object] = {}
    if centers is not None:
        *members, shown["num_classes"], shown["embedding_size"] = centers.shape
        if members:
            shown["members"] = members[0]
    for name, value in settings.items():
        shown[name] = value.tolist() if isinstance(value, Tensor) else value
    return ", ".join(f"{name}={value}" for name, value in shown.items())
