"""What is told of data that are no longer those of a study."""

from dataclasses import replace

import pytest

from sweeper.store import DatasetRecord

THEN = DatasetRecord("own", "own", "a", 1200, 3, (1, 28, 28), ("cat", "dog", "owl"))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"samples": 1201}, "1,200 samples then, 1,201 now"),
        ({"input_shape": (3, 28, 28)}, "of 1×28×28 then, of 3×28×28 now"),
        (
            {"samples": 1, "class_names": ("cat", "dog", "Owl", "rat")},
            "1,200 samples then, 1 now; gone: class 'owl'; new: class 'Owl', 'rat'",
        ),
        (
            {"class_names": tuple("abcde")},
            "gone: class 'cat', 'dog', 'owl'; new: class 'a', 'b', 'c' and 2 more",
        ),
        (
            {},
            "1,200 samples of the same classes and size as then, but other contents, labels, "
            "groups or parts",
        ),
    ],
)
def test_what_changed_is_said_as_far_as_it_is_stored(now, said):
    assert THEN.changes(replace(THEN, fingerprint="b", **now)) == said
