"""Taking an imported file out of the repository again, in the pages of a real server."""

import re

import httpx
import pytest

from sweeper import store
from sweeper.repository import files, sources
from sweeper.repository.imports import imported_files
from sweeper.repository.records import Repository
from sweeper.store import open_database

SECRET, READING = "the secret of a team", "the one for readers"


@pytest.fixture
def url(sqlite_template, tmp_path):
    """A database into which a file with a hard name was imported."""
    file = tmp_path / "sweeper.db"
    file.write_bytes(sqlite_template.read_bytes())
    exported = tmp_path / "their <b>results.zip"
    shipped = sources.shipped()
    tasks = shipped.tasks.head(2)
    few = Repository(tasks, shipped.results[shipped.results["task"].isin(tasks["id"])])
    files.export(few, exported, {})
    with open_database(f"sqlite:///{file}") as database:
        assert sources.import_file(database, exported)
    return f"sqlite:///{file}"


def test_an_imported_file_is_looked_at_and_taken_out(url, run_server):
    def imported():
        with open_database(url) as database:
            return imported_files(database)

    with run_server(url, token=SECRET, reading_token=READING) as (_, address, _):

        def client(token):
            headers = {"authorization": f"Bearer {token}", "accept": "text/html"}
            return httpx.Client(base_url=address, timeout=60, headers=headers)

        with client(READING) as reader, client(SECRET) as writer:
            page = writer.get("/sweep/repository").text
            assert "their &lt;b&gt;results.zip" in page
            (path,) = re.findall(r'href="(/sweep/imports/\w+)"', page)
            assert path not in reader.get("/sweep/repository").text
            asked = writer.get(path).text
            for task in imported()[0].tasks:
                assert task in asked
            assert reader.post(path).status_code == 403
            assert len(imported()) == 1
            done = writer.post(path)
            assert (done.status_code, done.headers["location"]) == (
                303,
                "/sweep/repository#imports",
            )
            assert imported() == []
            assert writer.get(path).status_code == 404
            assert "sweeper repository import" in writer.get("/sweep/repository").text


def test_what_makes_the_repository_unreadable_can_be_taken_out_where_it_is_told(
    sqlite_template, tmp_path, run_server
):
    file = tmp_path / "sweeper.db"
    file.write_bytes(sqlite_template.read_bytes())
    with open_database(f"sqlite:///{file}") as database:
        store.add_repository(database, store.Imported("broken.zip", "ab" * 32, b"no archive"))
    headers = {"accept": "text/html"}
    with (
        run_server(f"sqlite:///{file}") as (_, address, _),
        httpx.Client(base_url=address, timeout=60, headers=headers) as client,
    ):
        told = client.get("/sweep/repository")
        assert told.status_code == 503
        assert "broken.zip" in told.text
        (path,) = re.findall(r'href="(/sweep/imports/\w+)"', told.text)
        assert client.post(path).status_code == 303
        assert client.get("/sweep/repository").status_code == 200
