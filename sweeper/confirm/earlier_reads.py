"""Which studies have read the test data of a study before."""

import numpy as np
from numpy.typing import NDArray

from sweeper import data, store
from sweeper.errors import SweeperError
from sweeper.registry.objectives import only_held_out
from sweeper.store import EarlierRead, StoredStudy
from sweeper.store.results.confirmation_claims import Shared
from sweeper.study.open_study import OpenStudy
from sweeper.study.study_file import StudySpec


def earlier_reads(opened: OpenStudy) -> tuple[EarlierRead, ...]:
    """Return the reads of a study's test data by other studies of its database, earliest first.

    Experiments read test data, those of `sweeper recommend --try` too, and confirmations of
    searches: copies of this one, or others on the same data.
    """
    found = []
    for study, when in store.find_test_reads(opened.database):
        if study.id != opened.stored.id and (shared := _shared(opened, study)):
            found.append(EarlierRead(study.name, when, shared))
    return tuple(found)


def _shared(opened: OpenStudy, other: StoredStudy) -> Shared | None:
    """Return how much of the test data of a study another one has read."""
    task, ours, theirs = opened.task, opened.stored.task.dataset, other.task.dataset
    same_source: Shared | None = "source" if ours.source == theirs.source else None
    try:
        spec = StudySpec.from_json(other.spec)
    except SweeperError:  # of another version
        return same_source
    if spec.loaded.tested == task.spec.loaded.tested:
        return "all"
    tested = spec.loaded.tested and store.find_sample_digests(opened.database, spec.loaded.tested)
    by_content = None if tested is None else _part(np.isin(task.tested_digests, tested))
    if by_content == "all":
        return by_content
    # One name and other pixels: the same samples at another size, or another net's features.
    named = (ours.name, ours.samples, ours.class_names)
    if ours.fingerprint == theirs.fingerprint or named == (
        theirs.name,
        theirs.samples,
        theirs.class_names,
    ):
        try:
            split = data.split(
                task.dataset,
                hold_out=other.task.hold_out > 0,
                seed=other.task.split_seed,
                retrieval_alone=only_held_out(spec.objectives),
            )
        except SweeperError:  # of other data under the same name
            return by_content or "source"
        by_place = _part(np.isin(task.split.tested(), split.tested()))
        return by_place if by_place == "all" else by_content or by_place
    return by_content or same_source


def _part(common: NDArray[np.bool_]) -> Shared | None:
    return "all" if bool(common.all()) else "some" if bool(common.any()) else None
