"""espeak-ng, a command line speech synthesizer (GPL-3), which speaks words in many voices."""

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
#: Seconds of silence that separate two words. In version 1.51 pauses between words take at least
#: 0.4 s, minus an echo, and pauses within words at most 0.15 s.
_PAUSE = 0.2
#: Samples below this fraction of the loudest one, 60 dB less, count as silence. It is not zero,
#: since an echo never quite ends.
_SILENT = 0.001


@dataclass(frozen=True)
class Voice:
    """A voice of espeak-ng.

    Attributes:
        accent: espeak-ng's name of a language and region, such as ``en-us``. British English is
            ``en``: with ``en-gb`` version 1.51 ignores the speaker.
        speaker: one of ``speakers``.
        pitch: 0 to 99, where 50 is the speaker's own.
        speed: words per minute.
    """

    accent: str
    speaker: str
    pitch: int = 50
    speed: int = 175


def is_here() -> bool:
    """Return True if the program is installed."""
    return shutil.which(_PROGRAM) is not None


def version() -> str:
    """Return the program's version, such as ``1.51``.

    Raises:
        SweeperError: the program is missing or fails.
    """
    output = _run("--version").decode("utf-8", "replace")
    match = re.search(r":\s*(\S+)", output)
    return match[1] if match else output.strip()


def speakers() -> list[str]:
    """Return the sorted names of the voice variant files.

    Raises:
        SweeperError: the program is missing or fails.
    """
    listed = _run("--voices=variant").decode("utf-8", "replace")
    # The last column lists other languages in brackets.
    return sorted(re.findall(r" !v/(.+?)\s*(?:\(.*)?$", listed, re.MULTILINE))


def speak(words: Sequence[str], voice: Voice) -> tuple[list[NDArray[np.int16]], int]:
    """Speak words one by one.

    Returns:
        The sounds between pauses, int16 ``[n]`` each, and the sample rate in Hz. There is one sound
        per word unless the voice has an echo that fills the pauses.

    Raises:
        SweeperError: the program is missing or fails.
    """
    options = ("-v", f"{voice.accent}+{voice.speaker}", "-p", str(voice.pitch))
    # Each word is a separate paragraph.
    recording = _run(
        *options, "-s", str(voice.speed), "--stdin", "--stdout", text="\n\n".join(words)
    )
    try:
        # The length in the header is a placeholder, written before the program speaks.
        with wave.open(io.BytesIO(recording)) as file:
            rate = file.getframerate()
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (wave.Error, EOFError, ValueError) as error:
        raise _failed(str(error) or "no output") from None
    return _pieces(sound, round(_PAUSE * rate)), rate


def _pieces(sound: NDArray[np.int16], pause: int) -> list[NDArray[np.int16]]:
    """Split a sound at silences of more than `pause` samples, and drop the silence."""
    loudness = np.abs(sound.astype(np.int32))
    audible = np.flatnonzero(loudness > _SILENT * loudness.max(initial=0))
    breaks = np.flatnonzero(np.diff(audible) > pause) + 1
    return [sound[part[0] : part[-1] + 1] for part in np.split(audible, breaks) if len(part)]


def _run(*options: str, text: str = "") -> bytes:
    try:
        run = subprocess.run([_PROGRAM, *options], input=text.encode(), capture_output=True)
    except FileNotFoundError:
        raise SweeperError(
            f"spoken-words needs {_PROGRAM}, which is not installed; install it "
            f"(on Debian: apt install {_PROGRAM})"
        ) from None
    except OSError as error:
        raise _failed(str(error)) from None
    if run.returncode:
        raise _failed(run.stderr.decode("utf-8", "replace") or f"status {run.returncode}")
    return run.stdout


def _failed(why: str) -> SweeperError:
    return SweeperError(f"{_PROGRAM} fails ({why.strip()}); install it again")
