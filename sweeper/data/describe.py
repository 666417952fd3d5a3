"""What can be said of a data set without training on it."""

from dataclasses import dataclass

from torch import Tensor

from sweeper.data.dataset import Dataset
from sweeper.data.splits import Split, split
from sweeper.errors import SweeperError


@dataclass(frozen=True)
class Description:
    """What ``sweeper data check`` shows.

    Attributes:
        name: the canonical spec.
        source: where the images come from.
        kind: ``images`` or ``embeddings``.
        shape: ``(C, H, W)`` or ``(d,)``.
        size: the number of images or embeddings.
        classes: each class's name and how many it has.
        groups: the number of groups, or None.
        label_noise: the share of training labels that are replaced.
        split: how many train, choose and test when all classes are trained.
        missing: the classes that are then in no image of ``validation`` and of ``test``.
        retrieval: the same for retrieval alone, in the fold of the first seed, with how many
            classes train, and how many images are held out to choose and to test; or why there is
            no retrieval objective.
        fingerprint: of the data set.
        remark: what else there is to tell, as in ``Dataset``.
    """

    name: str
    source: str
    kind: str
    shape: tuple[int, ...]
    size: int
    classes: tuple[tuple[str, int], ...]
    groups: int | None
    label_noise: float
    split: dict[str, int]
    missing: dict[str, tuple[str, ...]]
    retrieval: dict[str, int] | str
    fingerprint: str
    remark: str = ""


def describe(dataset: Dataset, seed: int = 0) -> Description:
    """Describe a data set and its splits of a seed.

    Raises:
        SweeperError: it cannot be split.
    """
    sizes = dataset.labels.bincount(minlength=dataset.num_classes).tolist()
    plain = split(dataset, False, seed)
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
    return Description(
        name=dataset.name,
        source=dataset.source,
        kind="images" if dataset.is_images else "embeddings",
        shape=dataset.input_shape,
        size=len(dataset),
        classes=tuple(zip(dataset.class_names, sizes, strict=True)),
        groups=None if dataset.groups is None else len(dataset.groups.unique()),
        label_noise=dataset.label_noise,
        split=_sizes(plain),
        missing={
            "validation": _absent(dataset.class_names, plain.validation_labels),
            "test": _absent(dataset.class_names, plain.test_labels),
        },
        retrieval=retrieval,
        fingerprint=dataset.fingerprint(),
        remark=dataset.remark,
    )


def _sizes(result: Split) -> dict[str, int]:
    return {name: len(getattr(result, name)) for name in ("train", "validation", "test")}


def _absent(class_names: tuple[str, ...], labels: Tensor) -> tuple[str, ...]:
    present = set(labels.tolist())
    return tuple(name for c, name in enumerate(class_names) if c not in present)
