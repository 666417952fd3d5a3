"""Renaming and deleting studies in the pages of a real server."""

import html
import re
from urllib.parse import quote

import httpx
import optuna
import pytest

from sweeper import store
from sweeper.store import WorkerIdentity, open_database
from tests.serve.conftest import fill, make_study

PAGE = {"accept": "text/html"}
SECRET, READING = "the secret of a team", "the one for readers"

#: As hard as names are.
ODD = 'a/delete?<b>"é" #%41'


@pytest.fixture(scope="module")
def url(sqlite_template, tmp_path_factory):
    """The URL of a database for the studies of these tests."""
    file = tmp_path_factory.mktemp("steered") / "sweeper.db"
    file.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
def served(url, run_server):
    with run_server(url, token=SECRET, reading_token=READING) as (_, address, _):
        yield address


@pytest.fixture
def client(served):
    headers = {"authorization": f"Bearer {SECRET}", **PAGE}
    with httpx.Client(base_url=served, timeout=60, headers=headers) as found:
        yield found


@pytest.fixture
def begin(url):
    """Begin a study of a name, with three trials; all of them are gone after the test."""
    with open_database(url) as database:
        yield lambda name: fill(make_study(database, name=name))
        for summary in store.list_studies(database):
            for lease in store.held(database, summary.study.id):
                store.release(database, lease.id)
            store.delete_study(database, summary.study)


def form(client, path):
    """Open the page with a form; return what it would send, and what it says."""
    answer = client.get(path)
    assert answer.status_code == 200
    fields = re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', answer.text)
    return {name: html.unescape(value) for name, value in fields}, words(answer)


def words(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def alert(answer):
    return html.unescape(re.search(r'role="alert">([^<]*)<', answer.text)[1])


def names(url):
    with open_database(url) as database:
        return [summary.study.name for summary in store.list_studies(database)]


@pytest.mark.parametrize("new", ["yours", ODD])
def test_a_study_is_renamed_in_both_places(client, url, begin, new):
    study = begin("mine")
    fields, _ = form(client, "/sweep/rename/mine")
    assert fields["name"] == "mine"
    answer = client.post("/sweep/rename/mine", data={**fields, "name": f" {new} "})
    assert answer.status_code == 303
    page = client.get(answer.headers["location"])
    assert page.status_code == 200
    assert f"<h1>{html.escape(new, quote=False)}" in page.text.replace("&#34;", '"')
    assert names(url) == [new]
    assert optuna.get_all_study_names(study.database.optuna_storage) == [new]
    links = re.findall(r'href="(/sweep/(?:rename|delete)/[^"]*)"', page.text)
    assert [client.get(html.unescape(link)).status_code for link in links] == [200, 200]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("theirs", "there is a study 'theirs' already"),
        ("", "the new name: must not be empty"),
        ("x" * 501, "the new name: "),
        ("a\x07b", "characters that cannot be shown"),
    ],
)
def test_a_name_that_cannot_be_is_told_beside_what_was_typed(client, url, begin, new, said):
    for name in ("mine", "theirs"):
        begin(name)
    fields, _ = form(client, "/sweep/rename/mine")
    answer = client.post("/sweep/rename/mine", data={**fields, "name": new})
    assert answer.status_code == 422
    assert said in alert(answer)
    assert f'value="{new}"' in answer.text
    assert names(url) == ["mine", "theirs"]


@pytest.mark.parametrize("name", ["mine", ODD])
def test_a_study_is_deleted_after_it_was_told_what_is_lost(client, url, begin, name):
    begin("kept")
    begin(name)
    fields, said = form(client, f"/sweep/delete/{quote(name)}")
    assert (
        "trials 3 controls 2 running 0 checkpoints 0 confirmation none exported weights none"
        in said
    )
    answer = client.post(f"/sweep/delete/{quote(name)}", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sweep/studies")
    assert names(url) == ["kept"]
    assert client.get(f"/sweep/delete/{quote(name)}").status_code == 404
    assert client.post(f"/sweep/delete/{quote(name)}", data=fields).status_code == 404


def test_checkpoints_and_a_confirmation_are_among_what_is_lost(client, begin, tmp_path):
    study = begin("mine")
    database, number, me = study.database, study.stored.id, WorkerIdentity.here()
    (lease,) = store.reserve(database, number, 1, 4, me)
    saved = tmp_path / "0123456789abcdef.checkpoint"
    saved.write_bytes(b"partly trained")
    store.save_checkpoint(database, {f"{number}/3": lease}, 1, store.Checkpoint(file=saved))
    _, said = form(client, "/sweep/delete/mine")
    assert "running 1 checkpoints 1" in said
    store.release(database, lease)
    fields, said = form(client, "/sweep/delete/mine")
    assert "running 0 checkpoints 1" in said
    assert client.post("/sweep/delete/mine", data=fields).status_code == 303
    assert not saved.exists()


def test_a_study_that_workers_are_on_is_neither_renamed_nor_deleted(client, url, begin):
    study = begin("mine")
    pages = {path: form(client, path)[0] for path in ("/sweep/rename/mine", "/sweep/delete/mine")}
    store.reserve(study.database, study.stored.id, 1, 4, WorkerIdentity.here())
    for path, fields in pages.items():
        answer = client.post(path, data={**fields, "name": "yours"})
        assert answer.status_code == 409
        said = "study 'mine' is being trained by 1 worker. Try again once that is over;"
        assert alert(answer).startswith(said)
        assert "Workers hold 1 of its trials. Stop it first" in words(answer)
        assert "sqlite" not in answer.text  # where the server has its database
    assert names(url) == ["mine"]


def test_a_study_that_is_being_confirmed_is_neither_renamed_nor_deleted(client, url, begin):
    study = begin("mine")
    pages = {path: form(client, path)[0] for path in ("/sweep/rename/mine", "/sweep/delete/mine")}
    me = WorkerIdentity.here()
    store.claim_confirmation(study.database, study.stored.id, 1, me)
    for path, fields in pages.items():
        answer = client.post(path, data={**fields, "name": "yours"})
        assert answer.status_code == 409
        assert alert(answer).startswith("study 'mine' is being confirmed since ")
        assert "Try again once that is over" in alert(answer)
    assert names(url) == ["mine"]
    store.release_confirmation(study.database, study.stored.id, me)


def test_what_the_page_did_not_tell_of_is_not_touched(client, url, begin):
    """Another study with the name, on SQLite with the id, too; and one that has more trials."""
    study = begin("mine")
    pages = {path: form(client, path)[0] for path in ("/sweep/rename/mine", "/sweep/delete/mine")}
    fill(study)
    answer = client.post("/sweep/delete/mine", data=pages["/sweep/delete/mine"])
    assert answer.status_code == 409
    assert alert(answer).startswith("The study has changed since you opened this page")
    assert "trials 6" in words(answer)
    store.delete_study(study.database, study.stored)
    assert begin("mine").stored.id == study.stored.id
    for path, fields in pages.items():
        assert client.post(path, data={**fields, "name": "yours"}).status_code == 409
        assert client.post(path, data={"name": "yours"}).status_code == 409
    assert names(url) == ["mine"]
    fields = dict(re.findall(r'name="(told)" value="([^"]*)"', answer.text))
    assert client.post("/sweep/delete/mine", data=fields).status_code == 409


@pytest.mark.parametrize("action", ["rename", "delete"])
def test_who_may_not_write_neither_renames_nor_deletes(client, served, url, begin, action):
    begin("mine")
    path = f"/sweep/{action}/mine"
    fields = {**form(client, path)[0], "name": "yours"}
    evil = {"origin": "https://evil.example"}
    assert client.post(path, data=fields, headers=evil).status_code == 403
    reader = {"authorization": f"Bearer {READING}"}
    assert client.post(path, data=fields, headers=reader).status_code == 403
    assert client.get(path, headers=reader).status_code == 403
    page = client.get("/sweep/studies/mine", headers=reader).text
    assert "/sweep/rename/" not in page
    assert "/sweep/delete/" not in page
    assert httpx.post(served + path, data=fields).status_code == 401
    assert names(url) == ["mine"]


def test_a_server_that_is_read_only_asks_for_nothing(url, begin, run_server):
    begin("mine")
    with run_server(url, read_only=True) as (_, address, _):
        for action in ("rename", "delete"):
            path = f"{address}/sweep/{action}/mine"
            assert httpx.get(path, headers=PAGE).status_code == 403
            assert httpx.post(path, data={"name": "yours"}).status_code == 403
    assert names(url) == ["mine"]
