"""Pausing, resuming and stopping a study by API, and by the buttons of its page."""

import re

import pytest
from sqlalchemy import delete, update

from sweeper.store import find_study, open_database, summarize
from sweeper.store.database.tables import LeaseRow, StudyRow

PAGE = {"accept": "text/html"}


def state_in(url):
    with open_database(url) as database:
        return find_study(database, "mine").state


def buttons(client, name):
    text = client.get(f"/sweep/studies/{name}", headers=PAGE).text
    return re.findall(r"<button id=\"\w+\" formaction=\"([^\"]+)\">(\w+)</button>", text)


def test_a_study_is_steered(client, served_file):
    study = "/sweep/api/v1/studies/mine"
    assert client.get(study).json()["state"] == "active"
    for action, state in (("pause", "paused"), ("stop", "stopped"), ("resume", "active")):
        answer = client.post(f"{study}/{action}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        assert state_in(served_file) == state
        assert client.get(study).json() == answer.json()


def test_what_is_not_there_cannot_be_steered(client):
    answer = client.post("/sweep/api/v1/studies/nobodys/pause")
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("unknown study 'nobodys'")
    assert client.post("/sweep/api/v1/studies/mine/explode").status_code in (404, 405)


@pytest.mark.parametrize("prefix", ["/sweep/api/v1/studies", "/sweep/studies"])
def test_pages_of_other_sites_steer_nothing(client, served_file, prefix):
    path = f"{prefix}/mine/stop"
    assert client.post(path, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.get(path).status_code in (404, 405)
    assert state_in(served_file) == "active"


def test_the_buttons_of_a_page_are_those_that_make_sense(client):
    name, path = "mine", "/sweep/studies/mine"
    expected = {"stop": ["Resume"], "resume": ["Pause", "Stop"], "pause": ["Resume", "Stop"]}
    assert [label for _, label in buttons(client, name)] == ["Pause", "Stop"]
    for action in ("stop", "resume", "pause"):
        answer = client.post(f"{path}/{action}", headers=PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        found = buttons(client, name)
        assert [label for _, label in found] == expected[action]
        assert all(target == f"{path}/{label.lower()}" for target, label in found)
    assert "This study is paused: its workers wait" in client.get(path, headers=PAGE).text
    assert client.post("/sweep/api/v1/studies/mine/resume").json()["state"] == "active"


def test_of_a_study_that_is_done_nothing_is_left_to_pause_or_stop(client, served_file):
    with open_database(served_file) as database:
        summary = summarize(database, "mine")
        with database.session() as session:
            enough = update(StudyRow).where(StudyRow.id == summary.study.id)
            session.execute(enough.values(n_trials=summary.counted))
        assert [label for _, label in buttons(client, "mine")] == ["Pause", "Stop"]
        with database.session() as session:
            session.execute(delete(LeaseRow))
    assert buttons(client, "mine") == []
    refused = client.post("/sweep/api/v1/studies/mine/stop")
    assert (refused.status_code, refused.json()["remedy"]) == (409, "See its results.")
    assert state_in(served_file) == "active"
