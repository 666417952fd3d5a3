"""The files that wait to be measured, one that is, and the answers, each under its address."""

import logging
import secrets
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from anyio.to_thread import run_sync
from pydantic import ValidationError
from starlette.requests import Request

from sweeper.errors import SweeperError
from sweeper.repository.recommendation.beside import asked_terms
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.serve.lookup import Lookup
from sweeper.serve.problem import Problem
from sweeper.serve.question import AskedOfFile
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.child import Child
from sweeper.serve.uploads.measure import measure
from sweeper.serve.uploads.measured import Counted, Measured, Refused
from sweeper.serve.uploads.receive import Arriving, Sent, receive, unstored

_log = logging.getLogger(__name__)


@dataclass
class Ticket:
    """A question about a file, and its answer once there is one.

    Attributes:
        asked: the question.
        name: what the file is called for whoever sent it.
        answer: None while it waits or is worked on, or has none.
        loading: what reading the file changed, and what is odd about it.
        problem: why there is no answer; None if there is one, or may be.
        ended: when there was either, by `time.monotonic`.
    """

    asked: AskedOfFile
    name: str
    answer: Recommendation | None = None
    loading: tuple[str, ...] = ()
    problem: Problem | None = None
    ended: float | None = None


class Desk:
    """Takes files, has one at a time measured in a process of its own, and keeps the answers.

    Args:
        lookup: answers what was measured.
        child: measures.
        waiting: most files that wait while one is measured.
        kept: seconds that an answer is kept.
    """

    def __init__(
        self,
        lookup: Lookup,
        child: Child | None = None,
        waiting: int = limits.MOST_WAITING,
        kept: float = limits.KEPT_SECONDS,
    ) -> None:
        self._lookup = lookup
        self._child = child or Child()
        self._left = waiting + 1
        self._kept = kept
        self._arriving = Arriving()
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()
        self._lock = Lock()
        self._folder: Path | None = None
        self._thread = ThreadPoolExecutor(1, "uploads")

    @asynccontextmanager
    async def receiving(self, request: Request) -> AsyncIterator[Sent]:
        """Read what is sent, see `receive`; it is gone afterwards, unless it was submitted."""
        with self._arriving.counted() as share:
            sent = await receive(request, share)
            try:
                yield sent
            finally:
                if sent.file is not None:
                    await sent.file.close()

    def require_place(self) -> None:
        """Refuse where there are too many files already.

        Raises:
            Problem: there are.
        """
        with self._lock:
            left = self._left
        if left < 1:
            raise Problem(
                503,
                "other files wait to be measured, as many as may",
                "Send it again in a minute, or ask by numbers.",
                retry_after=30,
            )

    async def submit(self, sent: Sent, asked: AskedOfFile) -> str:
        """Have a file measured, and return the key to its answer, which nobody can guess.

        Raises:
            Problem: too many files wait, no such file is taken, or there is no such question.
        """
        try:
            asked.require_known()
        except SweeperError as error:
            raise Problem(422, str(error), "Correct it and ask again.") from None
        kind = sent.kind
        self.require_place()
        self._change(-1)
        folder: Path | None = None
        try:
            folder = await run_sync(self._new_folder)
            await sent.keep(folder / f"upload{kind}")
        except BaseException as error:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            self._change(1)
            if isinstance(error, OSError):
                raise unstored(error) from None
            raise
        key = secrets.token_urlsafe()
        ticket = Ticket(asked, sent.name)
        with self._lock:
            self._tickets[key] = ticket
        self._thread.submit(self._work, ticket, folder, kind)
        return key

    def find(self, key: str) -> Ticket:
        """Return a question by its key.

        Raises:
            Problem: there is none, or none any more; or it has no answer.
        """
        with self._lock:
            self._forget()
            ticket = self._tickets.get(key)
        if ticket is None:
            raise Problem(
                404,
                "there is no such answer, or none any more: they are kept for "
                f"{self._kept / 60:g} minutes",
                "Send the file again.",
            )
        if ticket.problem is not None:
            raise ticket.problem.again()
        return ticket

    def close(self) -> None:
        """End the process that measures, and delete what was sent."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._child.end()
        self._thread.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _change(self, by: int) -> None:
        with self._lock:
            self._left += by

    def _new_folder(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="sweeper-uploads-"))  # for us alone
        return Path(tempfile.mkdtemp(dir=self._folder))

    def _work(self, ticket: Ticket, folder: Path, kind: str) -> None:
        try:
            self._answer(ticket, folder / f"upload{kind}")
        except Problem as problem:
            ticket.problem = problem
        except Exception:  # whoever asked would wait for ever
            _log.exception("a file that was sent has no answer")
            ticket.problem = Problem(500, "the file has no answer", "Ask by numbers.")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            ticket.ended = time.monotonic()
            self._change(1)

    def _answer(self, ticket: Ticket, path: Path) -> None:
        asked, name = ticket.asked, ticket.name
        beside = ",".join(asked_terms(asked.beside)) or None
        words = (asked.objective, asked.loss, beside, asked.given())
        found = self._child.run(measure, path, name, *words)
        if isinstance(found, Refused):
            raise Problem(422, f"{name}: {found.refusal}", "Correct it and send it again.")
        if isinstance(found, Counted):
            ticket.answer = self._counted(asked, found)
        else:
            ticket.loading = found.loading
            ticket.answer = self._measured(asked, found, name)

    def _counted(self, asked: AskedOfFile, found: Counted) -> Recommendation:
        try:
            question = asked.of_counts(found.num_classes, found.per_class, found.features)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise Problem(422, f"{where}: {first['msg']}", "Correct the table.") from None
        return self._lookup.answer(question)

    def _measured(self, asked: AskedOfFile, found: Measured, name: str) -> Recommendation:
        # An archive is called as the folder that was zipped.
        dataset = Path(name).stem if name.lower().endswith(".zip") else name
        answer = self._lookup.answer_measured(asked, found.features, found.plan, dataset)
        return replace(answer, notes=(*answer.notes, *found.notes))

    def _forget(self) -> None:
        """Forget the answers that are too old, or of which there are too many."""
        now = time.monotonic()
        for key, ticket in [*self._tickets.items()]:
            if ticket.ended is None:
                continue
            if now - ticket.ended > self._kept or len(self._tickets) > limits.MOST_KEPT:
                del self._tickets[key]
