"""What people do to studies in the browser or by API: pause, resume, stop, rename, delete."""

from dataclasses import dataclass
from typing import Any

from starlette.types import Scope

from sweeper import store
from sweeper.errors import BusyError, StudyGoneError, SweeperError, UsageError
from sweeper.registry.study_state import ACTIONS
from sweeper.serve.audit import audit
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
    """Changes studies, and logs who did. Every method raises `Problem`, see `Lookup`.

    The status is 409 for what cannot be now. `scope` is that of the request.
    """

    def __init__(self, database: Database, lookup: Lookup) -> None:
        self._database = database
        self._lookup = lookup

    def steer(self, scope: Scope, name: str, action: str) -> dict[str, Any]:
        """Pause, resume or stop a study, as `ACTIONS` has it; return it as plain values."""
        state = ACTIONS[action]
        with reading(self._database, "studies"):
            summary = store.summarize(self._database, name)
            if state != "active" and summary.study.state == "active" and summary.is_finished:
                detail = f"study {name!r} is finished: there is nothing to pause or stop"
                raise Problem(409, detail, "See its results.")
            store.set_state(self._database, summary.study.id, state)
        audit(scope, action, name)
        return self._lookup.study(name)

    def told(self, name: str) -> Told:
        """Return a study with what would be lost with it."""
        with reading(self._database, "studies"):
            summary = store.summarize(self._database, name)
            return Told(summary.study, store.find_deletion(self._database, summary))

    def rename(self, scope: Scope, told: Told, name: str) -> str:
        """Give a study another name; return that.

        Raises:
            Problem: 422 if the name is taken or cannot be one, 409 while workers are on it or it is
                being confirmed.
        """
        with reading(self._database, "studies"):
            try:
                spec = StudySpec.from_json(told.study.spec).updated(_NAME, name=name)
                store.rename_study(self._database, told.study, spec.name, spec.to_json())
            except UsageError as error:
                said = str(error).replace(f"{_NAME}: key 'name'", _NAME)  # a form has no keys
                raise Problem(422, said, "Choose another name.") from None
            except SweeperError as error:
                raise _in_the_way(error) from None
        audit(scope, "rename", told.study.name, f" to {spec.name!r}")
        return spec.name

    def delete(self, scope: Scope, told: Told) -> None:
        """Delete a study with all that is known of it.

        Raises:
            Problem: 409 while workers are on it, or it is being confirmed.
        """
        with reading(self._database, "studies"):
            try:
                store.delete_files(store.delete_study(self._database, told.study))
            except SweeperError as error:
                raise _in_the_way(error) from None
        audit(scope, "delete", told.study.name, f" with {told.deletion}")


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
