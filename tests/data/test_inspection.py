"""A note on classes of very unequal size, before anything is trained."""

import numpy as np
import pytest

from sweeper.data import load


def write(path, sizes):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    points = np.random.default_rng(0).normal(size=(len(labels), 4)).astype(np.float32)
    names = np.array([f"class {c}" for c in range(len(sizes))])
    np.savez(path, embeddings=points, labels=labels, class_names=names)
    return path


@pytest.mark.parametrize(
    ("sizes", "share"),
    [
        ([997, 3], "99.7"),
        ([20, 80], "80.0"),
        ([70, 30], None),  # not heavily
        ([10] * 9 + [40], "30.8"),
        ([5] * 49 + [40], None),  # guessing gets little
    ],
)
def test_a_class_much_larger_than_the_others_is_told(tmp_path, sizes, share):
    notes = load(str(write(tmp_path / "a.npz", sizes))).notes
    largest = int(np.argmax(sizes))
    told = [note for note in notes if "imbalanced" in note]
    assert told == (
        []
        if share is None
        else [
            f"heavily imbalanced: {share} % are of class 'class {largest}', and always guessing it "
            "has that accuracy; look at balanced accuracy, too"
        ]
    )


def test_an_imbalance_that_was_asked_for_is_told_too():
    assert any("imbalanced" in note for note in load("digits[imbalance=100]").notes)
    assert not load("digits").notes
