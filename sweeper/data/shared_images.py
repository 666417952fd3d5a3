"""Pictures that several members of a data set share, as two fonts or two icon themes do."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

_M = TypeVar("_M", bound=Hashable)
_C = TypeVar("_C", bound=Hashable)
_T = TypeVar("_T", bound=Hashable)


class Joined(Generic[_T]):
    """Things joined two by two: each belongs to one set, known by the first of its things.

    Args:
        before: a sort key; the first of a set is the least.
    """

    def __init__(self, before: Callable[[_T], tuple[int, str]]) -> None:
        self.before = before
        self._leader: dict[_T, _T] = {}

    def first(self, thing: _T) -> _T:
        """Return the first of the set that a thing is in."""
        while (leader := self._leader.get(thing, thing)) != thing:
            thing = leader
        return thing

    def join(self, one: _T, other: _T) -> None:
        """Make one set of those that two things are in."""
        low, high = sorted((self.first(one), self.first(other)), key=self.before)
        self._leader[high] = low


def groups(
    shown: Mapping[_M, Mapping[_C, bytes]], families: Mapping[_M, str], share: float = 0.5
) -> dict[_M, str]:
    """Return each member's group: the first name among the families that draw alike.

    Args:
        shown: for each member the key of its picture of each class.
        families: each member's family.
        share: two families are joined when a member of one shares so many of its pictures, or of
            the other's if those are fewer, with a member of the other.
    """
    joined: Joined[str] = Joined(lambda name: (0, name))
    seen: dict[tuple[_C, bytes], list[_M]] = defaultdict(list)
    for member, pictures in shown.items():
        shared = Counter(other for picture in pictures.items() for other in seen[picture])
        for other, number in shared.items():
            if number >= share * min(len(pictures), len(shown[other])):
                joined.join(families[member], families[other])
        for picture in pictures.items():
            seen[picture].append(member)
    return {member: joined.first(families[member]) for member in shown}


def fresh(shown: Mapping[_M, Mapping[_C, bytes]]) -> dict[_M, set[_C]]:
    """Return each member's classes whose picture no earlier member has, of those that have any."""
    seen: set[tuple[_C, bytes]] = set()
    left: dict[_M, set[_C]] = {}
    for member, pictures in shown.items():
        new = pictures.items() - seen
        if new:
            left[member] = {c for c, _ in new}
        seen |= new
    return left
