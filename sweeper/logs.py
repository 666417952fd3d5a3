"""What a server or a worker logs: a line for each event, with its time and level."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

#: How lines are written.
Format = Literal["text", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)

#: From which level on, as logging calls them.
LEVELS = ("debug", "info", "warning", "error")

#: What a record has beyond its message, where somebody gave it as `extra`.
FIELDS = ("action", "study", "import", "visitor")

#: The logger of all that is ours.
_OURS = "sweeper"


@dataclass(frozen=True)
class Logs:
    """How events are logged, from which level on; those of libraries from warnings on."""

    format: Format = "text"
    level: str = "info"

    def begin(self) -> None:
        """Log all events of this process on standard error."""
        handler = logging.StreamHandler()
        handler.setFormatter(_Json() if self.format == "json" else _Text())
        # What libraries do matters to those alone who look for a fault.
        logging.basicConfig(
            handlers=[handler],
            level=logging.INFO if self.level == "debug" else logging.WARNING,
            force=True,
        )
        logging.getLogger(_OURS).setLevel(self.level.upper())
        logging.captureWarnings(True)
        _State.is_begun = True


class _State:
    is_begun = False


def is_begun() -> bool:
    """Return whether this process logs its events, and prints no lines for people."""
    return _State.is_begun


def note(line: str, level: int = logging.INFO) -> None:
    """Log a line that was written for people."""
    logging.getLogger(_OURS).log(level, "%s", line)


def _when(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Text(logging.Formatter):
    """``2026-03-01T12:00:00.000Z WARNING sweeper.serve.known: message``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what would break it, or move a cursor, is escaped."""
        said = record.getMessage()
        if record.exc_info:
            said += f"\n{self.formatException(record.exc_info)}"
        line = f"{_when(record)} {record.levelname} {record.name}: {said}"
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


class _Json(logging.Formatter):
    """An object with `time`, `level`, `logger` and `message`; `exception` and `FIELDS` if given."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        content = {
            "time": _when(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        content |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            content["exception"] = self.formatException(record.exc_info)
        return json.dumps(content)
