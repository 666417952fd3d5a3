"""Results that the database could not take, kept in this machine's files until it can.

One file per lease, which tells the database whether it was told before. It may be handed in by any
process here that works on the study, also after the one that wrote it is gone.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sweeper.errors import SweeperError
from sweeper.files import expand, replace_file
from sweeper.registry.aliases import current_name, current_names
from sweeper.registry.setting import Setting
from sweeper.store import PREEMPTED, ClassRecord, EpochRecord, SeedRecord, TrialRecord
from sweeper.study.open_study import KnownStudy

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """A result in a file, and the lease that it was trained under."""

    file: Path
    record: TrialRecord
    lease: int


def folder() -> Path:
    """Return where results wait, in the user's ``XDG_STATE_HOME``.

    Raises:
        SweeperError: it is in the home folder of a user who has none.
    """
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return expand(state) / "sweeper" / "spool"


@contextmanager
def kept(study: KnownStudy, record: TrialRecord, lease: int) -> Iterator[None]:
    """Keep a result in a file until the end, and for good where that is an error.

    Where no file can be written the result is in this process alone, which says so in the log.
    """
    file = keep(study, record, lease)
    yield
    if file is not None:
        file.unlink(missing_ok=True)


def keep(study: KnownStudy, record: TrialRecord, lease: int) -> Path | None:
    """Keep a result in a file for good; return the file, None where none can be written."""
    content = json.dumps({"lease": lease, "record": asdict(record)}).encode()
    try:
        file = folder() / f"{_prefixes(study)[0]}-{lease:x}.json"
        replace_file(file, content, private=True)
        if file.parent.stat().st_mode & 0o077:  # made by an earlier version
            file.parent.chmod(0o700)
    except SweeperError as error:
        logger.warning("a result waits for the database in this process alone: %s", error)
        return None
    return file


def waiting(study: KnownStudy) -> Iterator[Waiting]:
    """Yield the results of a study that wait here; a file that is none of them is passed over."""
    try:
        where = folder()
    except SweeperError:  # no home folder: nothing was ever kept
        return
    for file in sorted(file for each in _prefixes(study) for file in where.glob(f"{each}-*.json")):
        try:
            content = json.loads(file.read_bytes())
            yield Waiting(file, _record(content["record"]), int(content["lease"]))
        except FileNotFoundError:  # another process has handed it in
            continue
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            logger.warning("%s is no result that waits for the database: %s", file, error)


def _prefixes(study: KnownStudy) -> tuple[str, str]:
    """Return what the files of a study begin with now, and what they began with once.

    The database goes by its name, no password. The study goes by its id, since it may be renamed;
    it went by its name, and no name has a zero byte in it.
    """
    database, stored = study.database.name, study.stored
    of = (f"{database}\0{stored.id}", f"{database}\n{stored.name}")
    now, once = (hashlib.sha256(each.encode()).hexdigest()[:16] for each in of)
    return now, once


def _record(content: dict[str, Any]) -> TrialRecord:
    """Return the record of a file, also of one with the names that version 0004 wrote."""
    setting = content["setting"]
    setting["loss"] = current_name(setting["loss"])
    options = current_names(dict(setting.pop("options", setting.pop("more", ()))))
    if content["control"] is not None:
        content["control"] = current_name(content["control"])
    if content["cause"] == "pre-empted":
        content["cause"] = PREEMPTED
    seeds = tuple(map(_seed, content.pop("seeds")))
    return TrialRecord(
        **{**content, "setting": Setting(**setting, options=tuple(options.items())), "seeds": seeds}
    )


def _seed(content: dict[str, Any]) -> SeedRecord:
    return SeedRecord(
        content["seed"],
        content["values"],
        tuple(map(_epoch, content["curve"])),
        tuple(ClassRecord(**of) for of in content["classes"]),
        tuple((true, predicted, count) for true, predicted, count in content["confusion"]),
    )


def _epoch(content: dict[str, Any]) -> EpochRecord:
    growth = content.pop("growth", ())  # of version 0004, which knew of no other curve of classes
    told = content.pop("class_values", {"sigma2r.growth": growth} if growth else {})
    return EpochRecord(**content, class_values={name: tuple(told[name]) for name in told})
