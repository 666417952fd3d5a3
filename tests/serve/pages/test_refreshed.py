"""The parts of pages that are asked for again, from a real server."""

import html
import re

import pytest

from sweeper import store
from sweeper.store import open_database

PAGE = {"accept": "text/html"}


def address_in(answer):
    """Where the part is asked for again; None if it is not."""
    found = re.search(r'<div id="refreshed" hx-get="([^"]*)"', answer.text)
    return None if found is None else html.unescape(found[1])


@pytest.mark.parametrize("path", ["/sweep/studies", "/sweep/studies/mine", "/sweep/workers"])
def test_a_page_asks_for_its_part_which_is_sent_once_it_has_changed(client, served_file, path):
    page = client.get(path, headers=PAGE)
    assert page.text.count('id="refreshed"') == 1
    part = client.get(f"{path}?shown=before")
    assert part.text.startswith('<div id="refreshed"')
    assert part.text.strip() in page.text or path == "/sweep/workers"  # with times
    if path != "/sweep/workers":
        assert client.get(address_in(page)).status_code == 204
    with open_database(served_file) as database:
        study = store.find_study(database, "mine")
        store.set_n_trials(database, study.id, study.n_trials + 1)
        if path == "/sweep/workers":
            store.reserve(database, study.id, 1, 9, store.WorkerIdentity.here())
    part = client.get(address_in(page))
    assert part.status_code == 200
    assert address_in(part) != address_in(page)


def test_the_page_of_a_finished_study_asks_for_nothing(client, served_file, run_server):
    with open_database(served_file) as database:
        summary = store.summarize(database, "mine")
        before = address_in(client.get("/sweep/studies/mine", headers=PAGE))
        store.release(database, *(lease.id for lease in store.held(database, summary.study.id)))
        store.set_n_trials(database, summary.study.id, summary.counted)
    part = client.get(before)
    assert part.status_code == 200
    assert address_in(part) is None
    page = client.get("/sweep/studies/mine", headers=PAGE)
    assert address_in(page) is None
    assert "htmx" not in page.text


def test_of_a_study_that_is_gone_there_is_no_part(client):
    assert client.get("/sweep/studies/gone?shown=before").status_code == 404


def test_htmx_comes_from_here(client):
    text = client.get("/sweep/studies", headers=PAGE).text
    scripts = re.findall(r'<script src="([^"]*)"', text)
    assert any("htmx" in script for script in scripts)
    for script in scripts:
        answer = client.get(script)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
