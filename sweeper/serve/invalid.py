"""What is wrong with a question that was sent, and what the field may be."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sweeper.serve.problem import Problem
from sweeper.serve.question import Asked

#: What to do about a body that is no question at all.
SEND_JSON = (
    "Send a JSON object in UTF-8 with the header Content-Type: application/json, such as "
    '{"plan": {"num_classes": 50, "per_class": 40}}.'
)

_NUMBERS = {"integer": "a whole number", "number": "a number"}


#: Faults of one request that are told.
_TOLD = 5


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the problem of a request, with its first faults.

    Args:
        errors: that pydantic found, as `ValidationError.errors` has them; ``loc`` begins with the
            part of the request, ``body`` for what is sent.
    """
    problems = [_of(error) for error in errors[:_TOLD]]
    details = dict.fromkeys(problem.detail for problem in problems)
    remedies = dict.fromkeys(problem.remedy for problem in problems)
    return Problem(422, "; ".join(details), " ".join(remedies))


def _of(error: Mapping[str, Any]) -> Problem:
    part, *path = error["loc"]
    if error["type"] == "json_invalid":
        reason = error["ctx"]["error"]
        return Problem(422, f"The body is not JSON: {reason} at character {path[0]}.", SEND_JSON)
    if not path:
        empty = error["type"] == "missing"
        return Problem(
            422, "There is no body." if empty else "The body is not a JSON object.", SEND_JSON
        )
    where = ".".join(map(str, path))
    remedy = _remedy(path) if part == "body" else "See /sweep/api/v1/openapi.json."
    return Problem(422, f"{where}: {error['msg']}", remedy)


def _remedy(path: Sequence[str | int]) -> str:
    """Return what a field may be, or, where there is no such field, what there is."""
    schema, above = _schema(), "the question"
    is_needed = True
    for place, part in enumerate(path):
        found = _inside(schema, part)
        if found is None:
            names = ", ".join(schema.get("properties", {}))
            return f"Leave {part} out: {above} has {names}." if names else SEND_JSON
        is_needed = part in schema.get("required", ())
        schema, above = found, ".".join(map(str, path[: place + 1]))
    about = f" ({schema['description']})" if "description" in schema else ""
    if "properties" in schema:
        about = ""  # that of the object itself, which is no value
    leave = "" if is_needed else ", or leave it out"
    return f"Give {above} as {_what(schema)}{about}{leave}."


@cache
def _schema() -> dict[str, Any]:
    return Asked.model_json_schema()


def _inside(schema: Mapping[str, Any], part: str | int) -> dict[str, Any] | None:
    """Return the schema of a field, or of an entry of a list or a mapping; None without any."""
    if isinstance(part, int):
        found = schema.get("items")
    else:
        found = schema.get("properties", {}).get(part) or schema.get("additionalProperties")
    if not isinstance(found, dict):
        return None
    if "$ref" in found:
        found = _schema()["$defs"][found["$ref"].rpartition("/")[2]]
    present = (each for each in found.get("anyOf", ()) if each.get("type") != "null")
    return {**found, **next(present, {})}


def _what(schema: Mapping[str, Any]) -> str:
    """Return in words what a value may be."""
    kind = schema["type"]
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if kind in _NUMBERS:
        ends = f"up to {schema['maximum']:,.0f}"
        if "exclusiveMinimum" in schema:
            return f"{_NUMBERS[kind]} above {schema['exclusiveMinimum']:,.0f}, {ends}"
        return f"{_NUMBERS[kind]} from {schema['minimum']:,.0f} {ends.removeprefix('up ')}"
    if kind == "object":
        needed = schema.get("required", ())
        others = ", ".join(name for name in schema.get("properties", {}) if name not in needed)
        if not needed:
            return "an object of numbers by name"
        return f"an object with {' and '.join(needed)} (what else it may have: {others})"
    return "a list of texts" if kind == "array" else "a text"
