"""How a page and its studies were made: versions, seeds, devices, command and date."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version

import sweeper
from sweeper.report.page.reported import Reported, seeds_of

#: Whose version may change a figure or how it is drawn.
_PACKAGES = ("torch", "numpy", "scipy", "optuna", "pandas", "plotly")


def made_now(command: str) -> list[tuple[str, str]]:
    """Return how the page is made, for a list of terms."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        ("command", command),
        ("date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("sweeper", sweeper.__version__),
        ("Python", platform.python_version()),
        ("packages", packages),
    ]


def how_trained(study: Reported) -> list[tuple[str, str]]:
    """Return how a study was trained, for a list of terms."""
    outcome, stored = study.outcome, study.outcome.summary.study
    records = [row.record for row in (*outcome.trials, *outcome.every_control)]
    seeds = seeds_of([*outcome.trials, *outcome.every_control])
    devices = sorted({record.device for record in records})
    task = stored.task
    return [
        ("made again by", f"sweeper run {study.slug}/study.toml"),
        ("created", f"{stored.created:%Y-%m-%d %H:%M} UTC, by sweeper {stored.code_version}"),
        ("data set", f"{task.dataset.name}, fingerprint {task.dataset.fingerprint}"),
        ("measured on", f"{stored.split} data, split {task.split_fingerprint}"),
        ("seeds", _ranges(seeds) or "none yet"),
        ("devices", ", ".join(devices) or "none yet"),
    ]


def _ranges(numbers: list[int]) -> str:
    """Write ascending numbers: ``0–19, 40``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{p[0]}–{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)
