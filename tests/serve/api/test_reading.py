"""What the API reads, against what the commands print."""

import json
from urllib.parse import quote

import pytest

from sweeper.cli import main
from sweeper.repository import sources

API = "/sweep/api/v1"


@pytest.fixture
def printed(served_file, capsys):
    """Run a command on the served database; give what it printed as JSON."""

    def run(*words):
        capsys.readouterr()
        assert main([*words, "--format", "json", "--storage", served_file]) in (0, None)
        return json.loads(capsys.readouterr().out)

    return run


def test_results_are_those_of_the_command(client, printed):
    assert client.get(f"{API}/studies/mine/results").json() == printed("results", "mine")


def test_workers_are_those_of_the_command(client, printed):
    workers = client.get(f"{API}/workers").json()
    assert workers == printed("workers")
    assert workers[0]["study"] == "mine"


def test_studies_tell_how_far_they_are(client):
    (study,) = client.get(f"{API}/studies").json()
    assert study == client.get(f"{API}/studies/mine").json()
    assert study["study"] == "mine"
    assert (study["done"], study["budget"]) == (3, 4)
    assert (study["states"]["complete"], study["states"]["running"]) == (3, 1)
    assert study["objectives"] == ["accuracy"]
    assert client.get(study["dashboard"]).status_code == 200


def test_tasks_are_those_of_the_repository(client):
    tasks = client.get(f"{API}/tasks").json()
    known = sources.shipped()
    assert [task["task"] for task in tasks] == list(known.tasks["id"])
    one = client.get(f"{API}/tasks/{quote(tasks[0]['task'], safe='')}").json()
    assert one.items() >= tasks[0].items()
    assert set(one["meta_features"]) == set(known.features)
    for objective, settings in one["settings"].items():
        gains = [setting["gain"] for setting in settings]
        assert gains == sorted(gains, reverse=True)
        assert sum(setting["loss"] == "softmax" for setting in settings) == 1
        best = {k: v for k, v in settings[0].items() if k not in ("gain", "se", "seeds")}
        assert best == one["best"][objective]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/studies/main", "did you mean mine"),
        ("/studies/main/results", "did you mean mine"),
        ("/studies/..%2F..%2Fetc%2Fpasswd", "unknown study"),
        ("/tasks/none", "unknown task"),
        ("/nothing", "Not Found"),
    ],
)
def test_what_is_not_there_is_404(client, path, said):
    answer = client.get(API + path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_what_a_client_has_is_not_sent_again(client):
    first = client.get(f"{API}/tasks")
    second = client.get(f"{API}/tasks", headers={"if-none-match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")
    third = client.get(f"{API}/tasks", headers={"if-none-match": '"other"'})
    assert third.content == first.content


def test_methods_that_are_not_there(client):
    assert client.delete(f"{API}/studies/mine").status_code == 405
    assert client.get(f"{API}/recommend").status_code == 405
