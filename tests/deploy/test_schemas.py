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


def faults_of_kind(document):
    content = json.loads((SCHEMAS / "kubernetes.json").read_text(encoding="utf-8"))
    schema = {"$ref": f"#/$defs/{content['kinds'][document['kind']]}", "$defs": content["$defs"]}
    Draft202012Validator.check_schema(schema)
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(document)
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


def test_manifests(manifests):
    assert {file: [each["kind"] for each in own] for file, own in manifests.items()} == {
        "job.yaml": ["Job"],
        "migrate.yaml": ["Job"],
        "network-policy.yaml": ["NetworkPolicy", "NetworkPolicy"],
        "web.yaml": ["Deployment", "Service"],
    }
    for own in manifests.values():
        assert [faults_of_kind(each) for each in own] == [[]] * len(own)


def test_job(job):
    assert faults_of_kind(job) == []


POD = ("spec", "template", "spec", "containers", 0)


@pytest.mark.parametrize(
    ("file", "number", "path", "value"),
    [
        ("job.yaml", 0, ("spec", "paralelism"), 8),
        ("job.yaml", 0, ("spec", "completions"), "8"),
        ("job.yaml", 0, ("spec", "podFailurePolicy", "rules", 0, "onPodConditions"), {}),
        ("job.yaml", 0, (*POD, "securityContext", "runAsRoot"), False),
        ("job.yaml", 0, (*POD, "resources", "limit"), {}),
        ("web.yaml", 0, ("spec", "replica"), 1),
        ("web.yaml", 0, (*POD, "livenessProbe", "httpGet", "host_header"), "x"),
        ("web.yaml", 1, ("spec", "ports", 0, "port"), "http"),
        ("network-policy.yaml", 0, ("spec", "ingress"), "none"),
        ("network-policy.yaml", 1, ("spec", "egress", 0, "port"), 53),
    ],
)
def test_manifest_schema_refuses(manifests, file, number, path, value):
    document = manifests[file][number]
    change(document, path, value)
    assert faults_of_kind(document)


def test_pods_mount_what_they_have(manifests):
    for own in manifests.values():
        for pod in [each["spec"]["template"]["spec"] for each in own if "template" in each["spec"]]:
            (container,) = pod["containers"]
            mounts = {mount["name"] for mount in container["volumeMounts"]}
            assert mounts == {volume["name"] for volume in pod["volumes"]}


def test_the_pages_are_found_by_their_service_and_their_policy(manifests):
    """A selector that matches nothing is valid, and does nothing."""
    web, service = manifests["web.yaml"]
    labels = web["spec"]["template"]["metadata"]["labels"]
    assert web["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert service["spec"]["selector"].items() <= labels.items()
    (port,) = web["spec"]["template"]["spec"]["containers"][0]["ports"]
    assert [each["targetPort"] for each in service["spec"]["ports"]] == [port["name"]]
    workers, pages = manifests["network-policy.yaml"]
    assert pages["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    (rule,) = workers["spec"]["podSelector"]["matchExpressions"]
    for file in ("job.yaml", "migrate.yaml"):
        (job,) = manifests[file]
        assert job["spec"]["template"]["metadata"]["labels"][rule["key"]] in rule["values"]


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
    limits = pod["containers"][0]["resources"]["limits"]
    assert set(limits) <= {"memory", "nvidia.com/gpu"}
