"""Pydantic's findings in a study file as the one line that a user reads."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sweeper.errors import UsageError

_WANTED = {
    "missing": "is missing",
    "string_type": "must be text",
    "literal_error": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


def explain(error: ValidationError, where: str, keys: Mapping[str, Sequence[str]]) -> UsageError:
    """Return the first finding as ``WHERE: key 'a.b': what is wrong; allowed: ...``.

    Args:
        error: what pydantic found; a key that does not exist goes before a missing one, since a
            misspelled key is both.
        where: the file, or whatever else the user wrote.
        keys: the keys that may stand in each table, by the table's name; the top is "".
    """
    findings = [f for f in error.errors() if f["type"] != "default_factory_not_called"]
    finding = min(findings, key=lambda f: f["type"] != "extra_forbidden")
    key = _key(finding)
    text = _unknown_key(finding, keys) if finding["type"] == "extra_forbidden" else _text(finding)
    place = where if key is None else f"{where}: key {key!r}"
    return UsageError(one_line(f"{place}: {text}"))


def one_line(text: str) -> str:
    """Return a text with its line breaks, of any kind, made spaces."""
    return " ".join(text.splitlines())


def _key(finding: ErrorDetails) -> str | None:
    """Return the key as the user would look for it, ``space.m2.low``, or None for the whole."""
    parts = list(finding["loc"])
    if parts[:1] == ["space"]:
        del parts[2:3]  # the tag that tells a range from choices
    if parts[:1] == ["settings"] and parts[2:3] == ["values"]:
        del parts[2:3]  # the table of values, which the file does not have
    if parts and isinstance(parts[-1], int):
        parts.pop()  # the place within a list of values says less than the value shown
    if finding["type"] == "study" and finding["ctx"]["key"]:
        parts.append(finding["ctx"]["key"])
    path = ""
    for part in parts:
        if part != "[key]":
            path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".") if parts else None


def _unknown_key(finding: ErrorDetails, keys: Mapping[str, Sequence[str]]) -> str:
    loc = finding["loc"]
    allowed = keys[str(loc[0]) if len(loc) > 1 else ""]
    if loc[-1] in allowed:  # a key of the other form
        return "cannot stand beside choices; allowed: choices alone, or low and high without them"
    near = get_close_matches(str(loc[-1]), allowed, n=2, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ";"
    return f"no such key{hint} allowed: {', '.join(allowed)}"


def _text(finding: ErrorDetails) -> str:
    kind, context = finding["type"], finding.get("ctx", {})
    if kind == "study":
        return str(finding["msg"])
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"must be {limit}, not {_shown(finding['input'])}"
    wanted = _WANTED.get(kind, finding["msg"])
    if kind == "missing" or wanted == "must not be empty":
        return wanted
    return f"{wanted}, not {_shown(finding['input'])}"


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write integers of thousands of digits
        return "so large a number"
    return text if len(text) <= 40 else f"{text[:37]}..."
