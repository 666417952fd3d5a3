"""Descriptions of data sets and their splits."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from sweeper.data.dataset import Dataset
from sweeper.data.splits import Split, split
from sweeper.errors import SweeperError


@dataclass(frozen=True)
class Description:
    """The content of ``sweeper data check``.

    Attributes:
        name: the canonical spec.
        source: origin of the data.
        kind: ``images`` or ``embeddings``.
        shape: ``(C, H, W)`` or ``(d,)``.
        size: the number of images or embeddings.
        classes: each class's name and size.
        groups: the number of groups, or None.
        label_noise: the fraction of training labels that are replaced.
        split: sizes of train, validation and test if all classes are trained; or the reason why
            they cannot be told apart.
        missing: the classes without images in ``validation`` and in ``test``.
        retrieval: the same sizes for retrieval alone, in the fold of the first seed, with the
            number of trained classes and of held-out validation and test images; or the reason
            why there is no retrieval objective.
        fingerprint: the data set's fingerprint.
        remark: as in ``Dataset``.
        notes: as in ``Dataset``.
        examples: as in ``Dataset``.
    """

    name: str
    source: str
    kind: str
    shape: tuple[int, ...]
    size: int
    classes: tuple[tuple[str, int], ...]
    groups: int | None
    label_noise: float
    split: dict[str, int] | str
    missing: dict[str, tuple[str, ...]]
    retrieval: dict[str, int] | str
    fingerprint: str
    remark: str = ""
    notes: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)


def describe(dataset: Dataset, seed: int = 0) -> Description:
    """Describe a data set and its splits with a seed; in place of one that fails is why."""
    sizes = dataset.labels.bincount(minlength=dataset.num_classes).tolist()
    retrieval: dict[str, int] | str
    try:
        held_out = split(dataset, True, seed, retrieval_alone=True)
        retrieval = _sizes(held_out) | {
            "classes_trained": len(held_out.trained_classes),
            "held_out_validation": len(held_out.held_out_validation),
            "held_out_test": len(held_out.held_out_test),
        }
    except SweeperError as error:
        retrieval = str(error)
    trained: dict[str, int] | str
    missing = {}
    try:
        plain = split(dataset, False, seed)
        trained = _sizes(plain)
        missing = {
            "validation": _missing_classes(dataset.class_names, plain.validation_labels),
            "test": _missing_classes(dataset.class_names, plain.test_labels),
        }
    except SweeperError as error:
        trained = str(error)
    return Description(
        name=dataset.name,
        source=dataset.source,
        kind="images" if dataset.is_images else "embeddings",
        shape=dataset.input_shape,
        size=len(dataset),
        classes=tuple(zip(dataset.class_names, sizes, strict=True)),
        groups=None if dataset.groups is None else len(dataset.groups.unique()),
        label_noise=dataset.label_noise,
        split=trained,
        missing=missing,
        retrieval=retrieval,
        fingerprint=dataset.fingerprint(),
        remark=dataset.remark,
        notes=dataset.notes,
        examples=dataset.examples,
    )


def _sizes(result: Split) -> dict[str, int]:
    return {name: len(getattr(result, name)) for name in ("train", "validation", "test")}


def _missing_classes(class_names: tuple[str, ...], labels: Tensor) -> tuple[str, ...]:
    present = set(labels.tolist())
    return tuple(name for c, name in enumerate(class_names) if c not in present)
