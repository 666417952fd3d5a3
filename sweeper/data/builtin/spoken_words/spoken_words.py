"""``spoken-words``: spectrograms of English words that espeak-ng speaks in many voices.

A class is a word: the 35 of Google's Speech Commands (Warden 2018, arXiv 1804.03209) and the 26 of
the spelling alphabet of the ICAO, which were chosen to be told apart over a bad line. A group is a
speaker, one of espeak-ng's voice variants. Each speaks every word in two accents of seven; accents,
pitch and speed are drawn from the speaker's name. Numbered versions of one speaker, as Iven, Iven2
and Iven3, are one group; m1 to m8 and f1 to f5, which have little in common, are not.

Images are log-mel spectrograms, gray and 32 × 32, see
``sweeper.data.builtin.spoken_words.spectrogram``.

Left out are a variant that says some words exactly as an earlier one does, one whose echo fills the
pauses between the words, and a sound that was heard before.

Speaking takes a while, so what is made is kept in a file under the data root, which is named after
all that it depends on: the version of espeak-ng, words, voices and the constants of espeak.py and
spectrogram.py.
"""

import contextlib
import hashlib
import os
import re
import sys
import uuid
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sweeper.data.arrays import to_images
from sweeper.data.builtin.spoken_words import espeak, spectrogram
from sweeper.data.builtin.spoken_words.espeak import Voice
from sweeper.data.paths import data_root
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.stable_random import below, permutation
from sweeper.errors import SweeperError

_SPEECH_COMMANDS = (
    "backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four",
    "go", "happy", "house", "learn", "left", "marvin", "nine", "no", "off", "on", "one", "right",
    "seven", "sheila", "six", "stop", "three", "tree", "two", "up", "visual", "wow", "yes", "zero",
)  # fmt: skip
_SPELLING_ALPHABET = (
    "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett",
    "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
    "uniform", "victor", "whiskey", "x-ray", "yankee", "zulu",
)  # fmt: skip
WORDS = (*_SPEECH_COMMANDS, *_SPELLING_ALPHABET)

ACCENTS = (
    "en", "en-029", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-gb-x-rp", "en-us",
)  # fmt: skip
_ACCENTS_A_SPEAKER = 2
#: From the lowest pitch and speed to the highest, around espeak-ng's 50 and 175 words a minute.
_PITCHES = range(30, 71)
_SPEEDS = range(130, 221)
#: What tells whether two variants sound the same: words with every kind of sound.
_SAMPLE = ("whiskey", "sheila", "november", "juliett")

#: Three for the parts of a split, and some to vary.
_FEWEST_GROUPS = 5


@dataclass(frozen=True)
class _Made:
    """Images uint8 ``[N, 32, 32]``, the number of each one's word and the name of its group."""

    images: NDArray[np.uint8]
    words: NDArray[np.int64]
    groups: NDArray[np.str_]
    digest: str
    remark: str


def load() -> RawDataset:
    """Speak the words, or read what was made of them before.

    Raises:
        SweeperError: espeak-ng is missing or broken, or its voices are.
    """
    version = espeak.version()
    voices = [voice for speaker in espeak.speakers() for voice in voices_of(speaker)]
    path = data_root() / "spoken-words" / f"{_key(version, voices)}.npz"
    made = _read(path)
    if made is None:
        print(
            f"spoken-words: speaking {len(WORDS)} words in {len(voices)} voices, once",
            file=sys.stderr,
            flush=True,
        )
        made = _make(version, voices)
        _write(path, made)
    names, groups = np.unique(made.groups, return_inverse=True)
    return RawDataset(
        "spoken-words",
        torch.from_numpy(made.words),
        WORDS,
        to_images(made.images),
        groups=torch.from_numpy(groups),
        group_names=tuple(names.tolist()),
        made_from=made.digest,
        remark=made.remark,
    )


def voices_of(speaker: str) -> list[Voice]:
    """Return the voices of a speaker, which depend on nothing but the name."""
    seed = zlib.crc32(speaker.encode())
    accents = permutation(len(ACCENTS), "accents", seed)[:_ACCENTS_A_SPEAKER]
    pitches = below(len(_PITCHES), len(accents), "pitches", seed)
    speeds = below(len(_SPEEDS), len(accents), "speeds", seed)
    return [
        Voice(ACCENTS[accent], speaker, _PITCHES[pitch], _SPEEDS[speed])
        for accent, pitch, speed in zip(accents, pitches, speeds, strict=True)
    ]


def _make(version: str, voices: list[Voice]) -> _Made:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        speakers = sorted({voice.speaker for voice in voices})
        double = _doubles(speakers, list(pool.map(_sample, speakers)))
        voices = [voice for voice in voices if voice.speaker not in double]
        heard = list(pool.map(_speak, voices))
    # The versions of a double go with those of the speaker whom it doubles.
    leader = {_family(speaker): _family(first) for speaker, first in double.items()}
    seen: set[bytes] = set()
    images, words, groups = [], [], []
    for voice, spoken in zip(voices, heard, strict=True):
        family = _family(voice.speaker)
        for word, (digest, image) in enumerate(spoken):
            if digest not in seen:
                images.append(image)
                words.append(word)
                groups.append(leader.get(family, family))
            seen.add(digest)
    if len(set(groups)) < _FEWEST_GROUPS:
        raise SweeperError(
            f"spoken-words: espeak-ng {version} has {len(set(groups))} speakers, where "
            f"{_FEWEST_GROUPS} are needed; install it again, with its voice variants"
        )
    made_from = hashlib.sha256(b"".join(digest for spoken in heard for digest, _ in spoken))
    used = sum(map(bool, heard))
    remark = f"spoken by espeak-ng {version} in {used} voices of {len(set(groups))} speakers"
    return _Made(np.stack(images), np.array(words), np.array(groups), made_from.hexdigest(), remark)


def _doubles(speakers: Iterable[str], samples: Iterable[bytes]) -> dict[str, str]:
    """Return each speaker whose sample an earlier one has, and the first who has it."""
    first: dict[bytes, str] = {}
    return {
        speaker: first[sample]
        for speaker, sample in zip(speakers, samples, strict=True)
        if first.setdefault(sample, speaker) != speaker
    }


def _family(speaker: str) -> str:
    """Return a speaker's name without the number of its version."""
    return re.sub(r"(?<=..)\d+$", "", speaker)


def _sample(speaker: str) -> bytes:
    """Return a digest of how a speaker says some words at the usual pitch and speed."""
    sounds, _ = espeak.speak(_SAMPLE, Voice(ACCENTS[-1], speaker))
    return hashlib.sha256(b"".join(sound.tobytes() for sound in sounds)).digest()


def _speak(voice: Voice) -> list[tuple[bytes, NDArray[np.uint8]]]:
    """Return each word's digest and image, or none where words cannot be told apart by pauses."""
    sounds, rate = espeak.speak(WORDS, voice)
    if len(sounds) != len(WORDS):
        return []
    return [
        (hashlib.sha256(sound.tobytes()).digest(), spectrogram.log_mel(sound, rate))
        for sound in sounds
    ]


def _key(version: str, voices: list[Voice]) -> str:
    """Return what the images depend on, as a SHA-256."""
    constants = [
        (name, value)
        for module in (espeak, spectrogram)
        for name, value in sorted(vars(module).items())
        if name.isupper()
    ]
    return hashlib.sha256(repr((version, WORDS, voices, constants)).encode()).hexdigest()


def _read(path: Path) -> _Made | None:
    """Return what a file holds, or None where there is none or it is broken."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            told = (str(file[name]) for name in ("digest", "remark"))
            return _Made(file["images"], file["words"], file["groups"], *told)
    except Exception:  # not there, or broken in one of many ways
        return None


def _write(path: Path, made: _Made) -> None:
    """Write a file whole or not at all; one that cannot be written is done without."""
    part = path.with_suffix(f".{uuid.uuid4().hex}.part")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                np.savez(file, **vars(made))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
