"""The Compose file and the manifest against their published schemas: see schemas/README.md."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parent / "schemas"


def faults(document, schema):
    content = json.loads((SCHEMAS / schema).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(content)
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(content).iter_errors(document)
    ]


def change(document, path, value):
    *way, last = path
    for step in way:
        document = document[step]
    document[last] = value


def test_compose_file(compose):
    assert faults(compose, "compose-spec.json") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("servces",), {}),
        (("services", "worker", "restart_policy"), "always"),
        (("services", "worker", "init"), ["yes"]),
        (("services", "web", "depends_on"), {"migrate": {"condition": "service_done"}}),
        (("services", "web", "healthcheck", "retry"), 3),
        (("services", "worker-gpu", "deploy", "resources", "reservations", "devices"), [{}]),
    ],
)
def test_compose_schema_refuses(compose, path, value):
    change(compose, path, value)
    assert faults(compose, "compose-spec.json")


def test_job(job):
    assert faults(job, "kubernetes-job.json") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kind",), "Deployment"),
        (("spec", "paralelism"), 8),
        (("spec", "completions"), "8"),
        (("spec", "podFailurePolicy", "rules", 0, "onPodConditions"), {}),
        (("spec", "template", "spec", "containers", 0, "securityContext", "runAsRoot"), False),
        (("spec", "template", "spec", "containers", 0, "resources", "limit"), {}),
    ],
)
def test_job_schema_refuses(job, path, value):
    change(job, path, value)
    assert faults(job, "kubernetes-job.json")


def test_job_keeps_rules_that_its_schema_lacks(job):
    """What Kubernetes refuses although the schema lets it pass."""
    spec = job["spec"]
    pod = spec["template"]["spec"]
    assert spec["completionMode"] == "Indexed"  # backoffLimitPerIndex asks for it
    assert pod["restartPolicy"] == "Never"  # podFailurePolicy asks for it
    names = {container["name"] for container in pod["containers"]}
    rules = [
        rule["onExitCodes"] for rule in spec["podFailurePolicy"]["rules"] if "onExitCodes" in rule
    ]
    assert {rule["containerName"] for rule in rules} <= names
    mounts = {
        mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]
    }
    assert mounts == {volume["name"] for volume in pod["volumes"]}
    limits = pod["containers"][0]["resources"]["limits"]
    assert set(limits) <= {"memory", "nvidia.com/gpu"}
