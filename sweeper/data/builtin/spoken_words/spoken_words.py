"""``spoken-words``: spectrograms of English words spoken by espeak-ng in many voices.

A class is a word: the 35 of Google's Speech Commands (Warden 2018, arXiv 1804.03209) and the 26 of
the ICAO spelling alphabet, which are easy to distinguish over a bad line. A group is a speaker, one
of espeak-ng's voice variants. Each speaks every word in two of seven accents; the speaker's name
determines accents, pitch and speed. Numbered versions of a speaker, such as Iven, Iven2 and Iven3,
form one group; m1 to m8 and f1 to f5, which have little in common, do not.

Images are log-mel spectrograms, gray and 32 × 32, see
``sweeper.data.builtin.spoken_words.spectrogram``.

Skipped are variants that say some words exactly like an earlier one, variants whose echo fills the
pauses between words, and repeated sounds.

Speaking takes a while, so the result is cached in a file under the data root. Its name is a digest
of everything it depends on: the version of espeak-ng, words, voices, and the constants of espeak.py
and spectrogram.py.
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
_ACCENTS_PER_SPEAKER = 2
#: From the lowest pitch and speed to the highest, around espeak-ng's defaults of 50 and 175 words
#: per minute.
_PITCHES = range(30, 71)
_SPEEDS = range(130, 221)
#: Words with all kinds of sounds, to compare variants.
_SAMPLE = ("whiskey", "sheila", "november", "juliett")

#: One for each part of a split, plus some variety.
_MIN_GROUPS = 5


@dataclass(frozen=True)
class _Recording:
    """Images uint8 ``[N, 32, 32]``, with the index of each one's word and the name of its group."""

    images: NDArray[np.uint8]
    words: NDArray[np.int64]
    groups: NDArray[np.str_]
    digest: str
    remark: str


def load() -> RawDataset:
    """Speak the words, or read the cached result.

    Raises:
        SweeperError: espeak-ng or its voices are missing or broken.
    """
    version = espeak.version()
    voices = [voice for speaker in espeak.speakers() for voice in voices_of(speaker)]
    path = data_root() / "spoken-words" / f"{_key(version, voices)}.npz"
    recording = _read(path)
    if recording is None:
        print(
            f"spoken-words: speaking {len(WORDS)} words in {len(voices)} voices, once",
            file=sys.stderr,
            flush=True,
        )
        recording = _record(version, voices)
        _write(path, recording)
    names, groups = np.unique(recording.groups, return_inverse=True)
    return RawDataset(
        "spoken-words",
        torch.from_numpy(recording.words),
        WORDS,
        to_images(recording.images),
        groups=torch.from_numpy(groups),
        group_names=tuple(names.tolist()),
        made_from=recording.digest,
        remark=recording.remark,
    )


def voices_of(speaker: str) -> list[Voice]:
    """Return the voices of a speaker, determined by the name."""
    seed = zlib.crc32(speaker.encode())
    accents = permutation(len(ACCENTS), "accents", seed)[:_ACCENTS_PER_SPEAKER]
    pitches = below(len(_PITCHES), len(accents), "pitches", seed)
    speeds = below(len(_SPEEDS), len(accents), "speeds", seed)
    return [
        Voice(ACCENTS[accent], speaker, _PITCHES[pitch], _SPEEDS[speed])
        for accent, pitch, speed in zip(accents, pitches, speeds, strict=True)
    ]


def _record(version: str, voices: list[Voice]) -> _Recording:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        speakers = sorted({voice.speaker for voice in voices})
        duplicates = _duplicates(speakers, list(pool.map(_sample, speakers)))
        voices = [voice for voice in voices if voice.speaker not in duplicates]
        recordings = list(pool.map(_speak, voices))
    # Versions of a duplicate join the group of the original speaker.
    leader = {_family(speaker): _family(first) for speaker, first in duplicates.items()}
    seen: set[bytes] = set()
    images, words, groups = [], [], []
    for voice, spoken in zip(voices, recordings, strict=True):
        family = _family(voice.speaker)
        for word, (digest, image) in enumerate(spoken):
            if digest not in seen:
                images.append(image)
                words.append(word)
                groups.append(leader.get(family, family))
            seen.add(digest)
    if len(set(groups)) < _MIN_GROUPS:
        raise SweeperError(
            f"spoken-words: espeak-ng {version} has {len(set(groups))} speakers, but "
            f"{_MIN_GROUPS} are needed; install it again, with its voice variants"
        )
    made_from = hashlib.sha256(b"".join(digest for spoken in recordings for digest, _ in spoken))
    used = sum(map(bool, recordings))
    remark = f"spoken by espeak-ng {version} in {used} voices of {len(set(groups))} speakers"
    return _Recording(
        np.stack(images), np.array(words), np.array(groups), made_from.hexdigest(), remark
    )


def _duplicates(speakers: Iterable[str], samples: Iterable[bytes]) -> dict[str, str]:
    """Return the speakers whose sample equals an earlier one, with the first such speaker."""
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
    """Return a digest of some words spoken at the default pitch and speed."""
    sounds, _ = espeak.speak(_SAMPLE, Voice(ACCENTS[-1], speaker))
    return hashlib.sha256(b"".join(sound.tobytes() for sound in sounds)).digest()


def _speak(voice: Voice) -> list[tuple[bytes, NDArray[np.uint8]]]:
    """Return each word's digest and image, or [] if pauses do not separate the words."""
    sounds, rate = espeak.speak(WORDS, voice)
    if len(sounds) != len(WORDS):
        return []
    return [
        (hashlib.sha256(sound.tobytes()).digest(), spectrogram.log_mel(sound, rate))
        for sound in sounds
    ]


def _key(version: str, voices: list[Voice]) -> str:
    """Return a SHA-256 of everything the images depend on."""
    constants = [
        (name, value)
        for module in (espeak, spectrogram)
        for name, value in sorted(vars(module).items())
        if name.isupper()
    ]
    return hashlib.sha256(repr((version, WORDS, voices, constants)).encode()).hexdigest()


def _read(path: Path) -> _Recording | None:
    """Return the content of a file, or None if it is missing or broken."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            texts = (str(file[name]) for name in ("digest", "remark"))
            return _Recording(file["images"], file["words"], file["groups"], *texts)
    except Exception:  # missing, or broken in one of many ways
        return None


def _write(path: Path, recording: _Recording) -> None:
    """Write a file atomically; ignore failures."""
    temporary = path.with_suffix(f".{uuid.uuid4().hex}.part")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                np.savez(file, **vars(recording))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
