"""What containers run and how it is set up: commands, environment, passwords, dependencies."""

import argparse
import json
import re
import shlex
from pathlib import Path

import psycopg
import pytest
import torch

import sweeper
from sweeper.cli import make_parser
from sweeper.store.database.address import parse_url

ROOT = Path(__file__).parents[2]

#: What the image of PostgreSQL reads at its first start, as its page says.
_IMAGE = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}


@pytest.fixture(scope="session")
def known():
    """The environment variables that sweeper, PostgreSQL's client or PyTorch read."""
    package = Path(sweeper.__file__).parent
    code = "\n".join(file.read_text(encoding="utf-8") for file in package.rglob("*.py"))
    own = set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', code))
    assert "SWEEPER_DATA" in own
    client = {
        option.envvar.decode() for option in psycopg.pq.Conninfo.get_defaults() if option.envvar
    }
    return own | client | {torch.hub.ENV_TORCH_HOME}


def ours(compose):
    """The services that run sweeper."""
    return {name: one for name, one in compose["services"].items() if "build" in one}


def container(document):
    """The one container of a Job or a Deployment."""
    (one,) = document["spec"]["template"]["spec"]["containers"]
    return one


def pods(manifests):
    """The Jobs and Deployments."""
    return [each for own in manifests.values() for each in own if "template" in each["spec"]]


def understood(words):
    parsed = make_parser().parse_args(words)
    assert isinstance(parsed, argparse.Namespace)
    assert callable(parsed.execute)
    return parsed


def test_the_image_runs_sweeper(dockerfile):
    (entrypoint,) = re.findall(r"^ENTRYPOINT (.*)$", dockerfile, re.MULTILINE)
    assert json.loads(entrypoint) == ["sweeper"]
    (command,) = re.findall(r"^CMD (.*)$", dockerfile, re.MULTILINE)
    with pytest.raises(SystemExit) as ended:
        make_parser().parse_args(json.loads(command))
    assert ended.value.code == 0


def test_compose_commands_are_understood(compose):
    commands = {name: one["command"] for name, one in ours(compose).items() if "command" in one}
    assert set(commands) == {"migrate", "web", "worker", "worker-gpu"}
    for command in commands.values():
        understood(command)
    assert understood(commands["web"]).host == "0.0.0.0"  # or no other container reaches it


def test_manifest_commands_are_understood(manifests):
    (migrate,), (web, _) = manifests["migrate.yaml"], manifests["web.yaml"]
    understood(container(migrate)["args"])
    assert understood(container(web)["args"]).host == "0.0.0.0"


def test_job_command_is_understood(worker):
    # It takes the arguments of `sweeper worker`, see tests/launch/test_preemptible.py.
    assert worker["command"] == ["python", "-P", "-m", "sweeper.launch.preemptible"]
    assert understood(["worker", *worker["args"]]).study_name


TEXTS = ["deploy/README.md", "docker-compose.yml"]


def text_of(file):
    """A text in which each command has its own line."""
    return (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")


@pytest.mark.parametrize("file", TEXTS)
def test_commands_in_text_are_understood(file):
    text = text_of(file)
    contained = r"docker (?:compose )?run .*? (?:sweeper|worker-gpu)(?::\w+)? (.*)$"
    found = re.findall(contained, text, re.MULTILINE)
    assert found
    found += re.findall(r"^ {4}sweeper (.*)$", text, re.MULTILINE)
    found += re.findall(r"`sweeper ([^`]*)`", text)
    for command in found:
        understood(shlex.split(command, comments=True))


@pytest.mark.parametrize("file", TEXTS)
def test_services_in_text_are_there(compose, file):
    text = text_of(file)
    profiles = {name for one in compose["services"].values() for name in one.get("profiles", [])}
    started = set(re.findall(r"--profile (\w+)", text))
    assert started == {"cpu", "gpu"} < profiles
    assert set(re.findall(r"--scale ([\w-]+)=", text)) == {"worker"} < set(compose["services"])


def test_environment_is_read_by_someone(compose, manifests, dockerfile, known):
    for one in ours(compose).values():
        assert set(one["environment"]) <= known
    assert set(compose["services"]["postgres"]["environment"]) == _IMAGE | {"WEB_PASSWORD"}
    assert "WEB_PASSWORD" in (ROOT / "deploy" / "postgres" / "web-role.sh").read_text()
    for each in pods(manifests):
        assert {variable["name"] for variable in container(each)["env"]} <= known
    settings = re.findall(r"^ENV (.*)$", dockerfile, re.MULTILINE)
    names = {word.partition("=")[0] for line in settings for word in shlex.split(line)}
    assert "SWEEPER_DATA" in names <= known


def test_storage_is_the_database_that_compose_makes(compose):
    database = compose["services"]["postgres"]["environment"]
    for one in ours(compose).values():
        url = parse_url(one["environment"]["SWEEPER_STORAGE"])
        assert url.host in compose["services"]
        assert url.username in (database["POSTGRES_USER"], "sweeper_web")
        assert url.database == database["POSTGRES_DB"]


def test_no_password_is_written_down(compose, manifests, dockerfile):
    database = compose["services"]["postgres"]["environment"]
    required = r"\$\{(\w+):\?[^}]+\}"  # compose ends with the message where it is unset
    for name in ("POSTGRES_PASSWORD", "WEB_PASSWORD"):
        assert re.fullmatch(required, database[name])[1] == name
    storages = []
    for one in ours(compose).values():
        url = parse_url(one["environment"]["SWEEPER_STORAGE"])
        mine = "WEB_PASSWORD" if url.username == "sweeper_web" else "POSTGRES_PASSWORD"
        assert re.fullmatch(required, one["environment"]["PGPASSWORD"])[1] == mine
        storages.append(url)
    for each in pods(manifests):
        by_name = {variable["name"]: variable for variable in container(each)["env"]}
        storages.append(parse_url(by_name["SWEEPER_STORAGE"]["value"]))
        for secret in {"PGPASSWORD", "SWEEPER_TOKEN"} & set(by_name):
            assert "secretKeyRef" in by_name[secret]["valueFrom"]
    assert all(storage.password is None for storage in storages)
    assert "password" not in dockerfile.lower()


def test_only_the_passwords_must_be_set():
    """Compose asks for every such variable at every command, whatever the profile."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+):?\?", text)) == {"POSTGRES_PASSWORD", "WEB_PASSWORD"}


def test_nothing_starts_before_the_tables_are_there(compose):
    services = compose["services"]
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "healthcheck" in services["postgres"]
    waiting = {"migrate": {"condition": "service_completed_successfully"}}
    for name in set(ours(compose)) - {"migrate"}:
        assert services[name]["depends_on"] == waiting


def test_images_are_pinned(compose, manifests, dockerfile):
    foreign = {
        name: one["image"] for name, one in compose["services"].items() if "build" not in one
    }
    assert set(foreign) == {"postgres"}
    assert re.fullmatch(r"postgres:\d+\.\d+-\w+", foreign["postgres"])
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", dockerfile, re.MULTILINE))
    (base,) = set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) - stages
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base)
    images = {container(each)["image"] for each in pods(manifests)}
    (image,) = images  # one version for the tables and for all that works with them
    assert re.search(r":\d+\.\d+\.\d+-[cg]pu$", image)
    # An older pg_dump refuses a newer server.
    (client,) = re.findall(r"postgresql-client-(\d+)", dockerfile)
    assert foreign["postgres"].startswith(f"postgres:{client}.")


def test_containers_run_as_an_ordinary_user(compose, manifests, dockerfile):
    (user,) = re.findall(r"^USER (\d+):(\d+)$", dockerfile, re.MULTILINE)
    assert "0" not in user
    for each in pods(manifests):
        pod = each["spec"]["template"]["spec"]["securityContext"]
        assert (str(pod["runAsUser"]), str(pod["runAsGroup"])) == user
        assert pod["runAsNonRoot"]
        assert not container(each)["securityContext"]["allowPrivilegeEscalation"]
    assert not any("user" in one or "privileged" in one for one in ours(compose).values())


def test_what_containers_write_is_in_a_volume(compose, manifests, dockerfile):
    """Their root is read-only; what is written elsewhere fails."""
    settings = re.findall(r"^ENV (.*)$", dockerfile, re.MULTILINE)
    folders = [word.partition("=")[2] for line in settings for word in shlex.split(line)]
    assert folders
    assert all(folder == "/data" or folder.startswith("/data/") for folder in folders)
    for one in ours(compose).values():
        assert one["read_only"]
        assert "data:/data" in one["volumes"]
        assert [each.partition(":")[0] for each in one["tmpfs"]] == ["/tmp"]
    for each in pods(manifests):
        assert container(each)["securityContext"]["readOnlyRootFilesystem"]
        mounted = {mount["mountPath"] for mount in container(each)["volumeMounts"]}
        assert mounted == {"/data", "/tmp"}


def test_what_runs_for_long_is_bounded(compose, manifests):
    services = compose["services"]
    assert all("max-size" in one["logging"]["options"] for one in services.values())
    for name in ("postgres", "web", "worker"):
        assert {"memory", "pids"} <= set(services[name]["deploy"]["resources"]["limits"])
    for each in pods(manifests):
        resources = container(each)["resources"]
        assert "memory" in resources["limits"]
        assert {"cpu", "memory"} <= set(resources["requests"])


def test_builds_know_the_device(compose, dockerfile):
    choices = set(re.findall(r"\b(\w+)\) set --", dockerfile))
    built = {one["image"]: one["build"]["args"]["DEVICE"] for one in ours(compose).values()}
    assert built == {f"sweeper:{device}": device for device in choices} != {}
