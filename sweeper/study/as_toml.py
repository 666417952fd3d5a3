"""A study as the TOML file that makes it again."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sweeper.study.study_file import StudySpec


def as_toml(spec: StudySpec) -> str:
    """Return a study file with every key that was given; `load_study` reads the same study back.

    The hyperparameter of a term is a key with a dot, which TOML reads as a table of the term's.
    """
    content = spec.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    if spec.per_class is not None:
        content.pop("batch_size", None)
    if spec.kind == "experiment":  # follow from the settings
        for key in ("n_trials", "sampler", "rungs", "controls"):
            content.pop(key, None)
    tables = {k: v for k, v in content.items() if isinstance(v, Mapping)}
    several = {"settings": content.pop("settings")} if "settings" in content else {}
    lines = [f"{key} = {_value(value)}" for key, value in content.items() if key not in tables]
    for name, table in tables.items():
        if table:
            lines += ["", f"[{name}]", *(f"{k} = {_value(v)}" for k, v in table.items())]
    for table in several.get("settings", ()):
        lines += ["", "[[settings]]", *(f"{k} = {_value(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # TOML writes texts, numbers and truths likewise
