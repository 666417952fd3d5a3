"""The voices of `spoken-words` by who speaks."""

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sweeper.data.builtin.spoken_words import espeak
from sweeper.data.builtin.spoken_words.spoken_words import WORDS, voices_of

#: Seconds of silence between two words.
_PAUSE = 0.05


@dataclass(frozen=True)
class Spoken:
    """Sounds, who speaks each of them in which accent, and the samples a second."""

    sounds: list[NDArray[np.int16]]
    speakers: list[str]
    accents: list[str]
    rate: int


def speakers(words: int) -> Spoken:
    """Return sounds of a few words each.

    A speaker is one of espeak-ng's voice variants, whose numbered versions are one; each speaks all
    words in two accents. No sound comes twice.

    Args:
        words: how many a sound has.

    Raises:
        SweeperError: espeak-ng is missing or fails.
    """
    every = Spoken([], [], [], 0)
    seen: set[bytes] = set()
    for speaker in espeak.speakers():
        for voice in voices_of(speaker):
            spoken, rate = espeak.speak(WORDS, voice)
            if len(spoken) != len(WORDS):  # an echo fills the pauses
                continue
            every = replace(every, rate=rate)
            silence = np.zeros(round(_PAUSE * rate), np.int16)
            for start in range(0, len(spoken) - words + 1, words):
                parts = [part for one in spoken[start : start + words] for part in (one, silence)]
                sound = np.concatenate(parts)
                if sound.tobytes() not in seen:
                    seen.add(sound.tobytes())
                    every.sounds.append(sound)
                    every.speakers.append(re.sub(r"(?<=..)\d+$", "", speaker))
                    every.accents.append(voice.accent)
    return every
