"""What people do to studies in the browser or by API: pause, resume, stop, rename, delete."""

from dataclasses import dataclass
from typing import Any

from sweeper import store
from sweeper.errors import BusyError, StudyGoneError, SweeperError, UsageError
from sweeper.registry.study_state import StudyState
from sweeper.serve.lookup import Lookup, reading
from sweeper.serve.problem import Problem
from sweeper.store import Database, Deletion, StoredStudy
from sweeper.study.study_file import StudySpec

#: What a study's other name is called in messages about it.
_NAME = "the new name"


@dataclass(frozen=True)
class Told:
    """A study with what somebody was told of it before it is changed.

    Attributes:
        study: as it is stored.
        deletion: what would be lost with it.
    """

    study: StoredStudy
    deletion: Deletion

    @property
    def identity(self) -> str:
        """What differs once another study has the name."""
        return f"{self.study.id}-{self.study.created.timestamp():.6f}"

    @property
    def extent(self) -> str:
        """What differs also once there is more to lose."""
        return f"{self.identity}: {self.deletion}"


class Steering:
    """Changes studies. Every method raises `Problem`, see `Lookup`; 409 for what cannot be now."""

    def __init__(self, database: Database, lookup: Lookup) -> None:
        self._database = database
        self._lookup = lookup

    def steer(self, name: str, state: StudyState) -> dict[str, Any]:
        """Pause, resume or stop a study; return it as plain values."""
        with reading(self._database, "studies"):
            summary = store.summarize(self._database, name)
            if state != "active" and summary.study.state == "active" and summary.is_finished:
                detail = f"study {name!r} is finished: there is nothing to pause or stop"
                raise Problem(409, detail, "See its results.")
            store.set_state(self._database, summary.study.id, state)
        return self._lookup.study(name)

    def told(self, name: str) -> Told:
        """Return a study with what would be lost with it."""
        with reading(self._database, "studies"):
            summary = store.summarize(self._database, name)
            return Told(summary.study, store.find_deletion(self._database, summary))

    def rename(self, told: Told, name: str) -> str:
        """Give a study another name; return that.

        Raises:
            Problem: 422 if the name is taken or cannot be one, 409 while workers are on it or it is
                being confirmed.
        """
        with reading(self._database, "studies"):
            try:
                spec = StudySpec.from_json(told.study.spec).updated(_NAME, name=name)
                store.rename_study(self._database, told.study, spec.name, spec.to_json())
                return spec.name
            except UsageError as error:
                said = str(error).replace(f"{_NAME}: key 'name'", _NAME)  # a form has no keys
                raise Problem(422, said, "Choose another name.") from None
            except SweeperError as error:
                raise _in_the_way(error) from None

    def delete(self, told: Told) -> None:
        """Delete a study with all that is known of it.

        Raises:
            Problem: 409 while workers are on it, or it is being confirmed.
        """
        with reading(self._database, "studies"):
            try:
                store.delete_files(store.delete_study(self._database, told.study))
            except SweeperError as error:
                raise _in_the_way(error) from None


def _in_the_way(error: SweeperError) -> Exception:
    """Return what is told of an error: of what is in the way that it is, else the error itself."""
    if isinstance(error, BusyError):
        return Problem(
            409,
            f"{error.who}.",
            "Try again once that is over; `Stop` on its page sends workers home.",
        )
    if isinstance(error, StudyGoneError):
        return Problem(404, "the study was deleted in the meantime", "See what there is.")
    return error
