"""Studies whose trials can be trained as one array."""

from collections.abc import Sequence

from sweeper.errors import UsageError
from sweeper.study.open_study import OpenStudy

#: What the trials of an array share; objectives, rungs, samplers and spaces may differ.
_SHARED = ("net", "embedding", "epochs", "seeds", "batch_size", "precision")


def require_one_shape(studies: Sequence[OpenStudy]) -> None:
    """Raise a UsageError unless all of these studies train the same nets on the same samples."""
    first = studies[0]
    for study in studies[1:]:
        for what, (ours, theirs) in _differing(first, study).items():
            raise UsageError(
                f"studies {first.stored.name!r} and {study.stored.name!r} cannot be trained "
                f"together: {what} is {ours} in one and {theirs} in the other"
            )


def _differing(one: OpenStudy, other: OpenStudy) -> dict[str, tuple[object, object]]:
    pairs: dict[str, tuple[object, object]] = {
        "the data set": (one.stored.task.dataset.name, other.stored.task.dataset.name),
        "what is measured": (one.stored.split, other.stored.split),
        "the split": (
            one.stored.task.split_fingerprint[:8],
            other.stored.task.split_fingerprint[:8],
        ),
        "the protocol": (one.stored.task.protocol, other.stored.task.protocol),
    }
    pairs |= {name: (getattr(one.spec, name), getattr(other.spec, name)) for name in _SHARED}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
