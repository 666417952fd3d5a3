"""Images shared by several members of a data set, such as two fonts or two icon themes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

_M = TypeVar("_M", bound=Hashable)
_C = TypeVar("_C", bound=Hashable)
_T = TypeVar("_T", bound=Hashable)


class DisjointSets(Generic[_T]):
    """A disjoint-set (union-find) structure; each set is represented by its first item.

    Args:
        key: a sort key; the first item of a set has the smallest.
    """

    def __init__(self, key: Callable[[_T], tuple[int, str]]) -> None:
        self.key = key
        self._parent: dict[_T, _T] = {}

    def first(self, item: _T) -> _T:
        """Return the first item of the set that contains an item."""
        while (parent := self._parent.get(item, item)) != item:
            item = parent
        return item

    def join(self, left: _T, right: _T) -> None:
        """Merge the sets of two items."""
        low, high = sorted((self.first(left), self.first(right)), key=self.key)
        self._parent[high] = low


def groups(
    images: Mapping[_M, Mapping[_C, bytes]], families: Mapping[_M, str], min_share: float = 0.5
) -> dict[_M, str]:
    """Return each member's group: the first name among the families with shared images.

    Args:
        images: for each member the key of its image of each class.
        families: each member's family.
        min_share: two families are merged if two of their members share at least this fraction of
            the images of the member with fewer.
    """
    sets: DisjointSets[str] = DisjointSets(lambda name: (0, name))
    seen: dict[tuple[_C, bytes], list[_M]] = defaultdict(list)
    for member, member_images in images.items():
        shared = Counter(other for image in member_images.items() for other in seen[image])
        for other, number in shared.items():
            if number >= min_share * min(len(member_images), len(images[other])):
                sets.join(families[member], families[other])
        for image in member_images.items():
            seen[image].append(member)
    return {member: sets.first(families[member]) for member in images}


def first_occurrences(images: Mapping[_M, Mapping[_C, bytes]]) -> dict[_M, set[_C]]:
    """Return, for members that have any, the classes whose image no earlier member has."""
    seen: set[tuple[_C, bytes]] = set()
    result: dict[_M, set[_C]] = {}
    for member, member_images in images.items():
        new = member_images.items() - seen
        if new:
            result[member] = {c for c, _ in new}
        seen |= new
    return result
