"""Words by the language of the list that has them, and cookies of `fortune` by their file."""

from collections import Counter
from pathlib import Path

from sweeper.data.stable_random import permutation
from tools.proof.sources import packages

#: Debian's lists of words, a language each.
_LISTS = {
    "Catalan": ("wcatalan", "catalan"),
    "Danish": ("wdanish", "danish"),
    "Dutch": ("wdutch", "dutch"),
    "English": ("wamerican", "american-english"),
    "French": ("wfrench", "french"),
    "German": ("wngerman", "ngerman"),
    "Irish": ("wirish", "irish"),
    "Italian": ("witalian", "italian"),
    "Polish": ("wpolish", "polish"),
    "Portuguese": ("wportuguese", "portuguese"),
    "Spanish": ("wspanish", "spanish"),
    "Swedish": ("wswedish", "swedish"),
}
#: Letters that a word has at least: shorter ones are in most languages.
_SHORTEST = 5
_COOKIES = ("fortunes", "fortunes-min")


def words(per_class: int) -> tuple[list[str], list[str]]:
    """Return words that one list alone has, so many of each drawn at random, and their languages.

    Raises:
        SweeperError: a package cannot be fetched.
    """
    lists = {}
    for language, (package, name) in _LISTS.items():
        path = packages.debian(package) / "usr" / "share" / "dict" / name
        own = set(_text(path).split())
        lists[language] = {w for w in own if len(w) >= _SHORTEST and w.isalpha() and w.islower()}
    often = Counter(word for own in lists.values() for word in own)
    return _drawn(
        {language: [w for w in own if often[w] == 1] for language, own in lists.items()},
        "words",
        per_class,
        per_class,
    )


def cookies(fewest: int, most: int) -> tuple[list[str], list[str]]:
    """Return cookies and the names of their files.

    Args:
        fewest: cookies that a file has at least.
        most: cookies of a file, drawn at random where there are more.

    Raises:
        SweeperError: a package cannot be fetched.
    """
    files: dict[str, list[str]] = {}
    for package in _COOKIES:
        folder = packages.debian(package) / "usr" / "share" / "games" / "fortunes"
        for path in sorted(folder.iterdir()):
            if not path.suffix:
                files[path.name] = _cookies_of(path)
    return _drawn(files, "cookies", fewest, most)


def _text(path: Path) -> str:
    """Read a list of words; those that are not UTF-8 are Latin-1."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _cookies_of(path: Path) -> list[str]:
    texts = path.read_text(encoding="utf-8", errors="replace").split("\n%\n")
    return [text.strip() for text in texts if text.strip()]


def _drawn(
    members: dict[str, list[str]], purpose: str, fewest: int, most: int
) -> tuple[list[str], list[str]]:
    texts, classes = [], []
    for number, name in enumerate(sorted(members)):
        own = sorted(set(members[name]))
        if len(own) >= fewest:
            chosen = [own[i] for i in permutation(len(own), purpose, number)[:most]]
            texts += chosen
            classes += [name] * len(chosen)
    return texts, classes
