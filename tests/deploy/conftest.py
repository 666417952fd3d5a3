"""The files for containers, read."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def _compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture
def compose(_compose: dict[str, Any]) -> dict[str, Any]:
    """docker-compose.yml, with its variables as they are written."""
    return copy.deepcopy(_compose)


@pytest.fixture(params=["cpu", "gpu"])
def job(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The Kubernetes Job: as it is, and with its lines for GPUs put in."""
    text = (ROOT / "deploy" / "kubernetes" / "job.yaml").read_text(encoding="utf-8")
    if request.param == "gpu":
        assert "# gpu: nvidia" in text
        text = text.replace("# gpu: nvidia", "nvidia")
    return yaml.safe_load(text)


@pytest.fixture
def manifests() -> dict[str, list[dict[str, Any]]]:
    """The documents of each file for Kubernetes."""
    return {
        file.name: list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
        for file in sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    }


@pytest.fixture
def worker(job: dict[str, Any]) -> dict[str, Any]:
    """The Job's one container."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return container


@pytest.fixture(scope="session")
def dockerfile() -> str:
    """The Dockerfile without comments, each instruction on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines).replace("\\\n", " ")
