"""Measuring a file that somebody sent, in the process that is made for it alone."""

from pathlib import Path

from sweeper.console import count
from sweeper.errors import SweeperError
from sweeper.repository.given_plan import Given
from sweeper.serve.uploads.arrays import require_readable
from sweeper.serve.uploads.measured import Counted, Measured, Refused
from sweeper.serve.uploads.pixels import require_moderate
from sweeper.serve.uploads.table import read_table
from sweeper.serve.uploads.zips import unpack
from sweeper.study.advice import look


def measure(
    path: Path, name: str, objective: str, loss: str, beside: str | None, given: Given
) -> Measured | Counted | Refused:
    """Measure what an answer needs of a file.

    Args:
        path: of the file, whose ending tells its kind, alone in its folder.
        name: what it is called for whoever sent it.
        objective: as in `advise`.
        loss: likewise.
        beside: likewise.
        given: likewise.
    """
    try:
        if path.suffix == ".csv":
            return read_table(path)
        dataset = path
        notes: tuple[str, ...] = ()
        if path.suffix == ".zip":
            dataset, notes = unpack(path, path.with_suffix(""))
            require_moderate(dataset)
        else:
            require_readable(path)
        looked = look(str(dataset), objective=objective, loss=loss, beside=beside, given=given)
    except SweeperError as error:
        return Refused(_called(str(error), path, name))
    question = looked.question
    found = question.loaded
    size = f"{count(len(found), 'sample')} of {count(found.num_classes, 'class')} were read"
    return Measured(
        dict(question.features),
        question.plan,
        tuple(_called(note, path, name) for note in (*looked.notes, *looked.found)),
        tuple(_called(note, path, name) for note in (size, *notes)),
    )


def _called(text: str, path: Path, name: str) -> str:
    """Return a text with the name of the file in place of where it lies on this machine."""
    for place in (str(path), str(path.with_suffix(""))):
        text = text.replace(place, name)
    return text.replace(f"{path.parent}/", "")
