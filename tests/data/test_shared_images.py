"""Members that show the same pictures, against sets worked out by hand or one by one."""

import random

from sweeper.data import shared_images


def pictures(text: str) -> dict[str, bytes]:
    """The picture of each class: ``a1 b2`` shows picture 1 of a and picture 2 of b."""
    return {word[0]: word[1:].encode() for word in text.split()}


def test_half_of_the_smaller_one_joins_two_families() -> None:
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


def test_the_same_picture_of_another_class_is_none_in_common() -> None:
    shown = {"x": pictures("a1 b2"), "y": pictures("a2 b1")}
    assert shared_images.groups(shown, {"x": "x", "y": "y"}) == {"x": "x", "y": "y"}


def test_members_of_a_family_are_one_group_and_join_it_with_others() -> None:
    shown = {
        "z": pictures("a1"),
        "z bold": pictures("a2"),
        "y": pictures("a2"),
        "x": pictures("a3"),
    }
    families = {"z": "z", "z bold": "z", "y": "y", "x": "x"}
    assert shared_images.groups(shown, families) == {"z": "y", "z bold": "y", "y": "y", "x": "x"}


def test_a_chain_is_one_set_in_whatever_order_it_is_joined() -> None:
    links = [(f"{i:02}", f"{i + 1:02}") for i in range(20) if i != 9]
    for seed in range(5):
        random.Random(seed).shuffle(links)
        joined: shared_images.Joined[str] = shared_images.Joined(lambda name: (0, name))
        for one, other in links:
            joined.join(one, other)
        assert {joined.first(f"{i:02}") for i in range(10)} == {"00"}
        assert {joined.first(f"{i:02}") for i in range(10, 21)} == {"10"}
        assert joined.first("alone") == "alone"


def test_a_picture_is_taken_once() -> None:
    shown = {
        "first": pictures("a1 b1"),
        "again": pictures("a1 b1"),
        "new": pictures("a1 b2 c1"),
        "other": pictures("a2 b2 c2"),
    }
    assert shared_images.fresh(shown) == {
        "first": {"a", "b"},
        "new": {"b", "c"},
        "other": {"a", "c"},
    }
