"""``spoken-words``, spoken by espeak-ng with its data_folder voices and with generated ones."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import wavfile

from sweeper.data import describe, load, names, split
from sweeper.data.builtin.spoken_words import espeak, spoken_words
from sweeper.data.builtin.spoken_words.espeak import Voice
from sweeper.data.builtin.spoken_words.spectrogram import log_mel
from sweeper.errors import SweeperError
from sweeper.registry.dataset_info import DatasetInfo

needs_espeak = pytest.mark.skipif(
    not espeak.is_here(), reason="espeak-ng is not on this machine; apt install espeak-ng"
)

FEW = ("Alex", "Annie", "f2", "m1", "m3", "steph")
#: Loud for as long again as a word lasts.
ECHO = "language variant\nname Cave\necho 250 10000\n"


def item() -> DatasetInfo:
    return next(item for item in names() if item.name == "spoken-words")


@pytest.fixture
def variants(no_network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of voice variants in a data folder with six of espeak-ng's data_folder."""
    output = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True)
    installed = Path(output.stdout.partition("Data at:")[2].strip())
    data_folder = tmp_path / "espeak-ng-data"
    (data_folder / "voices" / "!v").mkdir(parents=True)
    for path in installed.iterdir():
        if path.name != "voices":
            (data_folder / path.name).symlink_to(path)
    for name in FEW:
        shutil.copy(installed / "voices" / "!v" / name, data_folder / "voices" / "!v" / name)
    monkeypatch.setenv("ESPEAK_DATA_PATH", str(data_folder))
    return data_folder / "voices" / "!v"


@needs_espeak
def test_a_class_is_a_word_and_a_group_a_speaker(variants: Path) -> None:
    dataset = load("spoken-words")
    assert dataset.inputs.shape == (len(FEW) * 2 * 61, 1, 32, 32)
    assert dataset.inputs.dtype == torch.uint8
    assert dataset.class_names == spoken_words.WORDS
    assert len(set(dataset.class_names)) == item().classes == 61
    assert dataset.group_names == FEW
    assert dataset.groups is not None
    assert dataset.groups.bincount().tolist() == [2 * 61] * len(FEW)
    assert dataset.labels.bincount().tolist() == [2 * len(FEW)] * 61
    assert dataset.source == dataset.name == "spoken-words"
    version = re.escape(espeak.version())
    assert re.fullmatch(f"spoken by espeak-ng {version} in 12 voices of 6 speakers", dataset.remark)
    assert describe(dataset).remark == dataset.remark
    assert load("spoken-words[classes=x-ray+zulu]").class_names == ("x-ray", "zulu")


@needs_espeak
def test_each_image_is_of_its_word(variants: Path, tmp_path: Path) -> None:
    """Each word is spoken into a file of its data_folder, which scipy reads."""
    dataset = load("spoken-words")
    voice = spoken_words.voices_of("m3")[0]
    images = dataset.inputs[dataset.groups == FEW.index("m3"), 0][:61].numpy().astype(float)
    nearest = []
    for word in spoken_words.WORDS:
        options = ["-v", f"{voice.accent}+m3", "-p", f"{voice.pitch}", "-s", f"{voice.speed}"]
        path = tmp_path / "word.wav"
        subprocess.run(["espeak-ng", *options, "-w", path, word], check=True)
        rate, sound = wavfile.read(path)
        differences = np.abs(images - log_mel(sound, rate)).mean(axis=(1, 2))
        assert differences.min() < 8  # a voice flutters, so no word sounds the same twice
        nearest.append(spoken_words.WORDS[differences.argmin()])
    assert nearest == list(spoken_words.WORDS)


@needs_espeak
def test_every_accent_and_every_speaker_is_heard(variants: Path) -> None:
    """espeak-ng silently ignores those it does not know."""
    output = [
        espeak.speak(["bath"], Voice(accent, speaker))[0][0].tobytes()
        for accent in spoken_words.ACCENTS
        for speaker in FEW
    ]
    assert len(set(output)) == len(spoken_words.ACCENTS) * len(FEW)


@needs_espeak
def test_words_are_spoken_once(variants: Path, no_network: Path, monkeypatch, capfd) -> None:
    first = load("spoken-words")
    output = "spoken-words: speaking 61 words in 12 voices, once\n"
    assert capfd.readouterr() == ("", output)
    start = time.perf_counter()
    again = load("spoken-words")
    assert time.perf_counter() - start < 1  # under a tenth when idle
    assert capfd.readouterr() == ("", "")
    assert again.remark == first.remark
    assert again.fingerprint() == first.fingerprint()
    (path,) = (no_network / "spoken-words").iterdir()
    for broken in (path.read_bytes()[:-1000], b"", b"\x80\x04K\x01."):
        path.write_bytes(broken)
        assert load("spoken-words").fingerprint() == first.fingerprint()
        assert capfd.readouterr() == ("", output)
    monkeypatch.setenv("SWEEPER_DATA", str(path / "below a file"))
    assert load("spoken-words").fingerprint() == first.fingerprint()
    assert list((no_network / "spoken-words").iterdir()) == [path]


@needs_espeak
def test_a_speaker_does_not_depend_on_others(variants: Path) -> None:
    before = load("spoken-words")
    (variants / "Alex").unlink()
    after = load("spoken-words")
    assert after.group_names == FEW[1:]
    assert torch.equal(after.inputs, before.inputs[before.groups > 0])
    assert after.made_from != before.made_from


@needs_espeak
def test_a_duplicate_is_used_once(variants: Path) -> None:
    before = load("spoken-words")
    shutil.copy(variants / "m1", variants / "nobody")
    after = load("spoken-words")
    assert after.fingerprint() == before.fingerprint()
    # A version of the duplicate joins the original speaker.
    version = (variants / "m1").read_text() + "formant 1 90 100 100\n"
    (variants / "nobody2").write_text(version)
    after = load("spoken-words")
    assert after.group_names == FEW
    assert after.groups.bincount().tolist() == [122, 122, 122, 244, 122, 122]


@needs_espeak
def test_versions_of_a_speaker_are_one_group(variants: Path) -> None:
    for name in ("steph2", "steph13"):
        version = (variants / "steph").read_text() + f"formant 1 {len(name)}0 100 100\n"
        (variants / name).write_text(version)
    dataset = load("spoken-words")
    assert dataset.group_names == FEW
    assert dataset.groups.bincount().tolist() == [122, 122, 122, 122, 122, 3 * 122]
    assert dataset.remark.endswith("in 16 voices of 6 speakers")


@needs_espeak
def test_a_voice_whose_echo_fills_the_pauses_is_skipped(variants: Path) -> None:
    before = load("spoken-words")
    (variants / "cave").write_text(ECHO)
    after = load("spoken-words")
    assert after.fingerprint() == before.fingerprint()
    assert after.remark == before.remark


@needs_espeak
def test_no_speaker_is_on_two_sides_of_a_split(variants: Path) -> None:
    result = split(dataset := load("spoken-words"), False)
    sides = [
        set(dataset.groups[part].tolist())
        for part in (result.train, result.validation, result.test)
    ]
    assert all(sides)
    assert sum(map(len, sides)) == len(set.union(*sides)) == len(FEW)


@needs_espeak
def test_too_few_speakers_give_one_line(variants: Path) -> None:
    for name in FEW[:2]:
        (variants / name).unlink()
    with pytest.raises(SweeperError) as caught:
        load("spoken-words")
    assert str(caught.value) == (
        f"spoken-words: espeak-ng {espeak.version()} has 4 speakers, but 5 are needed; "
        "install it again, with its voice variants"
    )


def test_without_espeak_ng_the_error_says_what_to_install(no_network: Path, monkeypatch) -> None:
    no_network.mkdir()
    monkeypatch.setenv("PATH", str(no_network))
    assert not item().is_here()
    with pytest.raises(SweeperError) as caught:
        load("spoken-words")
    assert str(caught.value) == (
        "spoken-words needs espeak-ng, which is not installed; install it "
        "(on Debian: apt install espeak-ng)"
    )


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo no data >&2; exit 1", "no data"),
        ("exit 3", "status 3"),
        ("case $* in *stdout*) ;; *) echo ': 9 !v/a'; esac", "no output"),
    ],
)
def test_a_broken_program_gives_one_line(
    no_network: Path, monkeypatch, script: str, why: str
) -> None:
    no_network.mkdir()
    program = no_network / "espeak-ng"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{no_network}:/bin")
    with pytest.raises(SweeperError) as caught:
        load("spoken-words")
    assert str(caught.value) == f"espeak-ng fails ({why}); install it again"


@pytest.mark.long
@needs_espeak
def test_the_voices_of_this_machine(no_network: Path, record_property: Callable[..., None]) -> None:
    start = time.perf_counter()
    dataset = load("spoken-words")
    seconds = time.perf_counter() - start
    record_property("seconds", seconds)
    assert seconds < 120
    assert len(dataset.group_names) >= 50
    assert dataset.labels.bincount().min() >= 100
    images = dataset.inputs.flatten(1)
    assert len(torch.unique(images, dim=0)) == len(images)  # no two words sound the same
    # Words are recognized in unseen voices.
    result = split(dataset, False)
    train, test = (images[part].float() / 255 for part in (result.train, result.test))
    nearest = torch.cdist(test, train).argmin(dim=1)
    right = (result.train_labels[nearest] == result.test_labels).float().mean()
    record_property("nearest", float(right))
    assert right > 0.6  # chance is 2 %
