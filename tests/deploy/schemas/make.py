"""Takes the schemas beside this file out of two packages from pip, installed where this runs.

`python tests/deploy/schemas/make.py`, with check-jsonschema and kubernetes-validate.
"""

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KUBERNETES = "1.37"
KINDS = {
    "Job": "io.k8s.api.batch.v1.Job",
    "Deployment": "io.k8s.api.apps.v1.Deployment",
    "Service": "io.k8s.api.core.v1.Service",
    "NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
}


def folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed")
    return Path(spec.submodule_search_locations[0])


def without_descriptions(schema: Any) -> Any:
    """Leave out the texts, two thirds of it, but no property that is called description."""
    if isinstance(schema, list):
        return [without_descriptions(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if k != "description" or not isinstance(v, str)}
    return {key: without_descriptions(value) for key, value in kept.items()}


def kubernetes_schema() -> dict[str, Any]:
    """Return the definitions that our kinds need, of the schema that refuses unknown fields."""
    place = folder("kubernetes_validate") / "kubernetes-json-schema"
    file = place / f"v{KUBERNETES}.0-local-strict" / "_definitions.json"
    all_of_them = json.loads(file.read_text())["$defs"]
    needed: dict[str, Any] = {}
    names = list(KINDS.values())
    while names:
        name = names.pop()
        if name not in needed:
            needed[name] = without_descriptions(all_of_them[name])
            names += re.findall(r'"#/\$defs/([^"]+)"', json.dumps(all_of_them[name]))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "kinds": KINDS,
        "$defs": dict(sorted(needed.items())),
    }


if __name__ == "__main__":
    vendored = folder("check_jsonschema") / "builtin_schemas" / "vendor"
    shutil.copy(vendored / "compose-spec.json", HERE)
    shutil.copy(vendored / "licenses" / "LICENSE.compose-spec", HERE / "LICENSE")
    (HERE / "kubernetes.json").write_text(json.dumps(kubernetes_schema(), indent=1) + "\n")
