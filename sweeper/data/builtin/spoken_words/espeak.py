"""espeak-ng, a speech synthesizer that is a command line program (GPL-3): words in many voices."""

import io
import re
import shutil
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeper.errors import SweeperError

_PROGRAM = "espeak-ng"
#: Seconds of silence that tell the pause between two words from one within a word. In version 1.51
#: those between words are 0.4 s and more, less an echo, and those within them 0.15 s and less.
_PAUSE = 0.2
#: What is quieter than this share of the loudest sample is silence: 60 dB less. It is not zero
#: since an echo never quite ends.
_SILENT = 0.001


@dataclass(frozen=True)
class Voice:
    """Who speaks, and how.

    Attributes:
        accent: espeak-ng's name of a language and region, ``en-us`` for example. British English is
            ``en``: at ``en-gb`` version 1.51 leaves the speaker out.
        speaker: one of ``speakers``.
        pitch: 0 to 99, where 50 is the speaker's own.
        speed: words a minute.
    """

    accent: str
    speaker: str
    pitch: int = 50
    speed: int = 175


def is_here() -> bool:
    """Return whether the program is on this machine."""
    return shutil.which(_PROGRAM) is not None


def version() -> str:
    """Return the program's version, ``1.51`` for example.

    Raises:
        SweeperError: the program is missing or fails.
    """
    said = _run("--version").decode("utf-8", "replace")
    found = re.search(r":\s*(\S+)", said)
    return found[1] if found else said.strip()


def speakers() -> list[str]:
    """Return the names of the files of voice variants, sorted.

    Raises:
        SweeperError: the program is missing or fails.
    """
    listed = _run("--voices=variant").decode("utf-8", "replace")
    # The last column lists other languages in brackets.
    return sorted(re.findall(r" !v/(.+?)\s*(?:\(.*)?$", listed, re.MULTILINE))


def speak(words: Sequence[str], voice: Voice) -> tuple[list[NDArray[np.int16]], int]:
    """Speak words one by one.

    Returns:
        Each stretch of sound between two pauses, int16 ``[n]``, and the samples a second. There is
        one a word unless the voice has an echo that fills the pauses.

    Raises:
        SweeperError: the program is missing or fails.
    """
    options = ("-v", f"{voice.accent}+{voice.speaker}", "-p", str(voice.pitch))
    # Each word is a paragraph of its own.
    said = _run(*options, "-s", str(voice.speed), "--stdin", "--stdout", text="\n\n".join(words))
    try:
        # The header's length is made up, as the program writes it before it speaks.
        with wave.open(io.BytesIO(said)) as file:
            rate = file.getframerate()
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (wave.Error, EOFError, ValueError) as error:
        raise _failed(str(error) or "it says nothing") from None
    return _pieces(sound, round(_PAUSE * rate)), rate


def _pieces(sound: NDArray[np.int16], pause: int) -> list[NDArray[np.int16]]:
    """Split a sound where it is silent for so many samples, and leave the silence out."""
    loudness = np.abs(sound.astype(np.int32))
    heard = np.flatnonzero(loudness > _SILENT * loudness.max(initial=0))
    breaks = np.flatnonzero(np.diff(heard) > pause) + 1
    return [sound[part[0] : part[-1] + 1] for part in np.split(heard, breaks) if len(part)]


def _run(*options: str, text: str = "") -> bytes:
    try:
        run = subprocess.run([_PROGRAM, *options], input=text.encode(), capture_output=True)
    except FileNotFoundError:
        raise SweeperError(
            f"spoken-words needs {_PROGRAM}, which is not on this machine; install it "
            f"(on Debian: apt install {_PROGRAM})"
        ) from None
    except OSError as error:
        raise _failed(str(error)) from None
    if run.returncode:
        raise _failed(run.stderr.decode("utf-8", "replace") or f"status {run.returncode}")
    return run.stdout


def _failed(why: str) -> SweeperError:
    return SweeperError(f"{_PROGRAM} fails ({why.strip()}); install it again")
