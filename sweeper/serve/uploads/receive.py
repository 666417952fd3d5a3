"""Taking a file that is sent in a form: to a folder of this server's own, within bounds."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anyio.to_thread import run_sync
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from sweeper.serve.problem import Problem
from sweeper.serve.uploads import limits

#: The field of the file, and the endings of files that are taken.
FIELD, KINDS = "file", (".zip", ".npz", ".csv")

#: Most other fields, and most bytes of one: more than the form has.
_MOST_FIELDS, _MOST_FIELD_BYTES = 24, 4096

#: Bytes of a request beside its file: the other fields, and what is between them.
_BESIDE = 128 * 1024

_SEND = (
    f"Send multipart/form-data with a {FIELD} that ends in {', '.join(KINDS)}; see docs/service.md."
)


@dataclass(frozen=True)
class Sent:
    """What somebody sent.

    Attributes:
        fields: by name, those without a value left out.
        name: what the file is called there; empty if there is none.
        file: its content, deleted when it is closed.
    """

    fields: dict[str, str]
    name: str
    file: UploadFile | None

    @property
    def kind(self) -> str:
        """The ending of the file's name, in lower case.

        Raises:
            Problem: no such file is taken.
        """
        suffix = Path(self.name).suffix.lower()
        if suffix not in KINDS:
            raise Problem(422, f"{self.name!r} is no {', '.join(KINDS)}", _SEND)
        return suffix

    async def keep(self, path: Path) -> None:
        """Write the file to a path."""
        assert self.file is not None
        await run_sync(_copy, self.file, path)


class Arriving:
    """Counts the bytes of files that arrive at once, so that they do not fill the disk."""

    def __init__(self, most: int = limits.MOST_ARRIVING) -> None:
        self._left = most

    @contextmanager
    def counted(self) -> Iterator["_Share"]:
        """Give a counter for one file; what it took is given back at the end."""
        share = _Share(self)
        try:
            yield share
        finally:
            self._left += share.taken

    def take(self, number: int) -> None:
        """Count bytes.

        Raises:
            Problem: there are too many.
        """
        if number > self._left:
            raise Problem(503, "too many files arrive at once", "Send it again.", retry_after=30)
        self._left -= number


class _Share:
    def __init__(self, arriving: Arriving) -> None:
        self._arriving, self.taken = arriving, 0

    def take(self, number: int) -> None:
        if self.taken + number > limits.MOST_BYTES + _BESIDE:
            raise _too_large()
        self._arriving.take(number)
        self.taken += number


async def receive(request: Request, share: _Share) -> Sent:
    """Read a form as it arrives; what is large of it goes to disk.

    The caller closes the file.

    Raises:
        Problem: it is no such form, larger than the bounds, or too slow.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Problem(422, "the request is no form with a file", _SEND)
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limits.MOST_BYTES + _BESIDE:
        raise _too_large()

    async def counted() -> Message:
        async with asyncio.timeout(limits.STALLED):
            message = await request.receive()
        share.take(len(message.get("body", b"")))
        return message

    try:
        async with asyncio.timeout(limits.SECONDS):
            form = await Request(request.scope, counted).form(
                max_files=1, max_fields=_MOST_FIELDS, max_part_size=_MOST_FIELD_BYTES
            )
    except TimeoutError:
        raise Problem(
            408,
            f"the file took more than {limits.SECONDS:g} seconds to arrive, or nothing came for "
            f"{limits.STALLED:g}",
            "Send a smaller one.",
        ) from None
    except HTTPException as error:
        raise Problem(422, f"the form cannot be read: {error.detail}", _SEND) from None
    except OSError as error:
        raise unstored(error) from None
    except ClientDisconnect:
        raise Problem(400, "the file did not arrive whole", "Send it again.") from None
    try:
        return _sent(form)
    except Problem:
        await form.close()
        raise


def _sent(form: FormData) -> Sent:
    fields: dict[str, str] = {}
    file: UploadFile | None = None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name == FIELD and value.filename:  # a browser sends one without a name for none
                file = value
        elif name in fields:
            raise Problem(422, f"the field {name!r} is there twice", "Send it once.")
        elif value.strip():
            fields[name] = value.strip()
    name = "" if file is None else _plain(str(file.filename))
    return Sent(fields, name, file)


def _plain(name: str) -> str:
    """Return the last part of a name, in characters that can be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(each if each.isprintable() else "_" for each in last)
    return kept.encode("utf-8", "replace").decode()[-100:] or "_"


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("xb") as target:
        shutil.copyfileobj(file.file, target)


def unstored(error: OSError) -> Problem:
    """Return the problem of a server that cannot write."""
    return Problem(
        503,
        f"the server cannot keep the file: {error.strerror or error}",
        "Ask by numbers, or tell who runs it to make room for temporary files.",
    )


def _too_large() -> Problem:
    return Problem(
        413,
        f"the file is larger than {limits.MOST_BYTES >> 20} MiB",
        "Send fewer images of each class, or smaller ones: they are read with 32×32 pixels, if "
        "not 64×64 or less.",
    )
