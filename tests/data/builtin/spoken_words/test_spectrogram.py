"""Spectrograms of sounds with a known spectrum, and compared with another implementation."""

import numpy as np
import pytest
import torch

from sweeper.data.builtin.spoken_words.spectrogram import log_mel, mel_bands

RATE = 22_050
WIDTH = round(0.046 * RATE)


def tone(frequency: float, seconds: float = 0.6, loudness: float = 10_000) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.rint(loudness * np.sin(2 * np.pi * frequency * time)).astype(np.int16)


def center(band: int) -> float:
    """Return a band's center in Hz: one of the 32 inner points of 34 in mel from 50 to 8000 Hz."""
    low, high = (2595 * np.log10(1 + f / 700) for f in (50, 8000))
    return 700 * (10 ** ((low + (high - low) * (band + 1) / 33) / 2595) - 1)


def test_torch_computes_the_same() -> None:
    """Compare with torch's short-time transform and bands as piecewise linear functions."""
    hop = 300
    generator = np.random.default_rng(0)
    fade = np.linspace(1, 0.02, WIDTH + 31 * hop)
    sound = np.rint(generator.integers(-20_000, 20_000, len(fade)) * fade).astype(np.int16)
    sound[0] = sound[-1] = 20_000  # nothing is trimmed
    window = torch.hann_window(WIDTH, dtype=torch.float64)
    samples = torch.from_numpy(sound.astype(np.float64))
    spectrum = torch.stft(
        samples, WIDTH, hop, window=window, center=False, return_complex=True
    ).abs()
    assert spectrum.shape == (WIDTH // 2 + 1, 32)
    energy = np.zeros((32, 32))
    for i, power in enumerate(spectrum.square().numpy()):
        for band in range(32):
            ends = [center(band - 1), center(band), center(band + 1)]
            energy[band] += np.interp(i * RATE / WIDTH, ends, [0, 1, 0]) * power
    decibels = 10 * np.log10(energy / energy.max())
    expected = 255 * (1 + decibels.clip(-60, 0) / 60)
    image = log_mel(sound, RATE)[::-1]
    assert image.dtype == np.uint8
    assert 0 < expected.min() < expected.max() == 255
    assert np.abs(image - expected).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("band", [0, 1, 7, 16, 25, 31])
def test_a_tone_lights_its_band(band: int) -> None:
    image = log_mel(tone(center(band)), RATE)
    assert image.shape == (32, 32)
    assert (image.argmax(axis=0) == 31 - band).all()  # the highest band is the first row
    assert image.max() == 255
    rows = np.arange(32)
    assert image[np.abs(rows - (31 - band)) > 3].max() == 0  # at least 60 dB below


def test_white_is_the_loudest_and_black_60_decibels_less() -> None:
    loud, soft = tone(1000, 0.5, 20_000), tone(1000, 0.5, 2_000)
    for quieter, drop in ((soft, 20), (tone(1000, 0.5, 632), 30)):
        image = log_mel(np.concatenate([loud, quieter, loud]), RATE)
        row = image[image[:, 0].argmax()].astype(int)
        assert row[0] == row[-1] == 255
        assert abs(row[16] - 255 * (1 - drop / 60)) <= 1


def test_invariant_to_loudness_silence_and_length() -> None:
    image = log_mel(tone(700), RATE).astype(int)
    hush = np.random.default_rng(0).integers(-30, 30, RATE // 2).astype(np.int16)
    for other in (
        tone(700, loudness=30_000),
        tone(700, seconds=1.2),
        np.concatenate([hush * 0, tone(700), hush * 0]),
        np.concatenate([hush, tone(700), hush]),  # 50 dB less than the tone
    ):
        difference = np.abs(log_mel(other, RATE).astype(int) - image)
        assert difference[image > 30].max() <= 3


@pytest.mark.parametrize("samples", [1, 10, WIDTH - 1, WIDTH, WIDTH + 1])
def test_any_length_works(samples: int) -> None:
    image = log_mel(np.full(samples, 1000, np.int16), RATE)
    assert image.shape == (32, 32)
    assert image.max() == 255


def test_frequencies_between_bands_are_in_both() -> None:
    bands = mel_bands(4097, RATE)
    frequencies = np.linspace(0, RATE / 2, 4097)
    inner = (frequencies >= center(0)) & (frequencies <= center(31))
    assert np.allclose(bands[:, inner].sum(axis=0), 1)
    assert not bands[:, (frequencies < 50) | (frequencies > 8000)].any()
