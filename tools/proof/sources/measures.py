"""Measured numbers that wheels carry: patches of outdoor images, and spoken vowels."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.proof.sources import packages

#: Every series is brought to so many steps.
_STEPS = 16


def segments() -> dict[str, NDArray[np.generic]]:
    """Return `river`'s image segments (UCI, Brodley 1990), standardized: seven kinds of surface.

    Returns:
        ``embeddings`` float32 ``[2310, 18]``, ``labels`` ``[2310]``.

    Raises:
        SweeperError: the package cannot be fetched.
    """
    path = packages.pip("river", "0.26.1") / "river" / "datasets" / "segment.csv.zip"
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    labels = np.array([row.pop("category") for row in rows])
    table = np.array([[float(value) for value in row.values()] for row in rows])
    return {"embeddings": _standardized(table), "labels": labels}


def vowels() -> dict[str, NDArray[np.generic]]:
    """Return `aeon`'s Japanese vowels (Kudo et al. 1999) by who of nine men speaks.

    Returns:
        ``embeddings`` float32 ``[640, 192]``, twelve cepstral coefficients at sixteen steps,
        standardized; ``labels`` ``[640]``.

    Raises:
        SweeperError: the package cannot be fetched.
    """
    folder = packages.pip("aeon", "1.6.0") / "aeon" / "datasets" / "data" / "JapaneseVowels"
    rows, labels = [], []
    for part in ("TRAIN", "TEST"):
        for series, label in _read(folder / f"JapaneseVowels_{part}.ts"):
            rows.append(np.concatenate([_resampled(one) for one in series]))
            labels.append(f"speaker {label}")
    return {"embeddings": _standardized(np.array(rows)), "labels": np.array(labels)}


def _read(path: Path) -> list[tuple[list[NDArray[np.float64]], str]]:
    """Read a file of sktime's format: dimensions and the label, each after a colon."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cases = [line for line in lines if line and line[0] not in "#@"]
    parsed = []
    for case in cases:
        *series, label = case.split(":")
        parsed.append(([np.array(one.split(","), float) for one in series], label.strip()))
    return parsed


def _resampled(series: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.linspace(0, len(series) - 1, _STEPS)
    return np.interp(steps, np.arange(len(series)), series)


def _standardized(table: NDArray[np.float64]) -> NDArray[np.float32]:
    spread = table.std(axis=0)
    scaled = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return np.asarray(scaled, np.float32)
