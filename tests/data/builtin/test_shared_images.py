"""Members that share images, against hand-computed groups and a plain loop."""

import random

from sweeper.data.builtin import shared_images


def pictures(text: str) -> dict[str, bytes]:
    """Return the image of each class: ``a1 b2`` has image 1 of a and image 2 of b."""
    return {word[0]: word[1:].encode() for word in text.split()}


def test_sharing_half_of_the_smaller_one_merges_families() -> None:
    shown = {
        "one": pictures("a1 b1 c1 d1"),
        "half": pictures("a1 b1 c2 d2"),
        "less": pictures("a1 b3 c3 d3"),
        "few": pictures("a4 b1"),
    }
    families = {name: name for name in shown}
    assert shared_images.groups(shown, families) == {
        "one": "few", "half": "few", "less": "less", "few": "few"
    }  # fmt: skip


def test_equal_images_of_different_classes_do_not_count() -> None:
    shown = {"x": pictures("a1 b2"), "y": pictures("a2 b1")}
    assert shared_images.groups(shown, {"x": "x", "y": "y"}) == {"x": "x", "y": "y"}


def test_members_of_a_family_are_one_group() -> None:
    shown = {
        "z": pictures("a1"),
        "z bold": pictures("a2"),
        "y": pictures("a2"),
        "x": pictures("a3"),
    }
    families = {"z": "z", "z bold": "z", "y": "y", "x": "x"}
    assert shared_images.groups(shown, families) == {"z": "y", "z bold": "y", "y": "y", "x": "x"}


def test_a_chain_is_one_set_in_any_order() -> None:
    links = [(f"{i:02}", f"{i + 1:02}") for i in range(20) if i != 9]
    for seed in range(5):
        random.Random(seed).shuffle(links)
        sets: shared_images.DisjointSets[str] = shared_images.DisjointSets(lambda name: (0, name))
        for one, other in links:
            sets.join(one, other)
        assert {sets.first(f"{i:02}") for i in range(10)} == {"00"}
        assert {sets.first(f"{i:02}") for i in range(10, 21)} == {"10"}
        assert sets.first("alone") == "alone"


def test_an_image_is_used_once() -> None:
    shown = {
        "first": pictures("a1 b1"),
        "again": pictures("a1 b1"),
        "new": pictures("a1 b2 c1"),
        "other": pictures("a2 b2 c2"),
    }
    assert shared_images.first_occurrences(shown) == {
        "first": {"a", "b"},
        "new": {"b", "c"},
        "other": {"a", "c"},
    }
