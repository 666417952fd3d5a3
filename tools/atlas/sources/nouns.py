"""Nouns of WordNet 3.0 (Miller 1995) by what they are a kind of."""

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from sweeper.data.stable_random import permutation
from sweeper.errors import SweeperError

#: Of Debian's package wordnet-base.
_FILE = Path("/usr/share/wordnet/data.noun")


def nouns(fewest: int, most: int) -> tuple[list[str], list[str]]:
    """Return nouns and the hypernym of each, which is the class.

    Those that are a kind of several classes are left out.

    Args:
        fewest: nouns a class.
        most: nouns a class, drawn at random where there are more.

    Raises:
        SweeperError: WordNet is not there.
    """
    names, hypernyms, _ = _read()
    kinds: dict[int, list[str]] = defaultdict(list)
    for synset, parents in hypernyms.items():
        for parent in parents:
            kinds[parent].append(names[synset])
    # Two classes may have one name.
    titles = {parent: f"{names[parent]} {parent}" for parent in kinds}
    return _drawn(kinds, titles, fewest, most)


def fields(fewest: int, most: int) -> tuple[list[str], list[str]]:
    """Return nouns and the field of each (animal, plant, artifact, …), as `nouns`.

    Raises:
        SweeperError: WordNet is not there.
    """
    names, _, field_of = _read()
    members: dict[int, list[str]] = defaultdict(list)
    for synset, field in field_of.items():
        members[field].append(names[synset])
    titles = {field: f"field {field}" for field in members}
    return _drawn(members, titles, fewest, most)


def _drawn(
    members: dict[int, list[str]], titles: dict[int, str], fewest: int, most: int
) -> tuple[list[str], list[str]]:
    often = Counter(noun for own in members.values() for noun in set(own))
    texts, classes = [], []
    for number in sorted(members):
        own = sorted({noun for noun in members[number] if often[noun] == 1})
        if len(own) >= fewest:
            chosen = [own[i] for i in permutation(len(own), "nouns", number)[:most]]
            texts += chosen
            classes += [titles[number]] * len(chosen)
    return texts, classes


def _read() -> tuple[dict[int, str], dict[int, list[int]], dict[int, int]]:
    """Return of each synset its first noun, what it is a kind of, and its field's number."""
    try:
        lines = _FILE.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise SweeperError(f"{_FILE} is missing; on Debian: apt install wordnet-base") from None
    names, hypernyms, field_of = {}, {}, {}
    for line in lines:
        if line.startswith(" "):  # the license
            continue
        columns = line.partition("|")[0].split()
        synset, words = int(columns[0]), int(columns[3], 16)
        names[synset], field_of[synset] = columns[4].replace("_", " "), int(columns[1])
        pointers = columns[5 + 2 * words :]
        hypernyms[synset] = [int(at) for kind, at in pairwise(pointers) if kind == "@"]
    return names, hypernyms, field_of
