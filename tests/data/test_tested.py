"""What a test reads is told by the content of its samples."""

import hashlib
from dataclasses import replace

import torch

from sweeper.data import Dataset, split, tested


def make(samples=60, seed=0):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (samples, 1, 4, 4), dtype=torch.uint8, generator=generator)
    labels = torch.arange(samples) % 3
    return Dataset("made", "made", images, labels, ("a", "b", "c"))


def test_digests_against_hashes_one_by_one():
    dataset = make()
    parts = split(dataset, hold_out=False)
    expected = {
        int.from_bytes(hashlib.sha256(dataset.inputs[i].numpy().tobytes()).digest()[:8], "little")
        for i in parts.tested().tolist()
    }
    assert tested.tested_digests(dataset, parts).tolist() == sorted(expected)
    assert len(expected) == len(parts.tested())


def test_a_sample_twice_counts_once():
    dataset = make()
    twice = replace(dataset, inputs=dataset.inputs[:1].expand(60, -1, -1, -1))
    assert len(tested.tested_digests(twice, split(dataset, hold_out=False))) == 1


def test_blank_samples_are_no_shared_data():
    dataset = make()
    blank = replace(dataset, inputs=torch.full_like(dataset.inputs, 255))
    assert len(tested.tested_digests(blank, split(dataset, hold_out=False))) == 0


def test_a_fingerprint_is_the_one_that_studies_are_stored_with():
    dataset = make()
    parts = split(dataset, hold_out=False)
    samples = dataset.inputs[parts.tested()].numpy()
    digests = sorted(hashlib.sha256(sample.tobytes()).digest() for sample in samples)
    head = f"uint8({len(samples)}, 1, 4, 4);".encode()
    expected = hashlib.sha256(head + b"".join(digests)).hexdigest()
    assert tested.tested_fingerprint(dataset, parts) == expected


def test_a_fingerprint_is_that_of_the_content():
    dataset = make()
    parts = split(dataset, hold_out=False)
    renamed = replace(dataset, name="other", class_names=("x", "y", "z"))
    assert tested.tested_fingerprint(renamed, parts) == tested.tested_fingerprint(dataset, parts)
    changed = dataset.inputs.clone()
    changed[parts.tested()[0]] += 1
    other = replace(dataset, inputs=changed)
    assert tested.tested_fingerprint(other, parts) != tested.tested_fingerprint(dataset, parts)
