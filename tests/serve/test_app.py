"""The application through a real server, and without one where a limit is to be set."""

import asyncio

import httpx
import pytest

from sweeper.serve import dashboard
from sweeper.serve.app import make_app


@pytest.fixture
def get(client):
    """Get a path from the server."""
    return client.get


def test_the_root_leads_to_our_pages_and_the_dashboard_stands_beside_them(get):
    answer = get("/")
    assert answer.is_redirect
    assert answer.headers["location"] == "/sweep"
    assert "Optuna Dashboard" in get("/dashboard").text


def test_the_dashboard_lists_the_study(get):
    (study,) = get("/api/studies").json()["study_summaries"]
    assert study["study_name"] == "mine"


def test_note_and_figures_are_published_soon_after_the_start(get):
    async def published():
        while True:
            detail = get("/api/studies/1").json()
            if len(detail["plotly_graph_objects"]) == 2:
                return detail
            await asyncio.sleep(0.1)

    detail = asyncio.run(asyncio.wait_for(published(), 60))
    assert "94.0 ± 1.4 %" in detail["note"]["body"]
    assert len(detail["trials"]) == 3


@pytest.mark.parametrize("path", ["/static/bundle.js", "/favicon.ico"])
def test_files_come_without_accept_encoding(address, path):
    with httpx.Client(base_url=address, timeout=60) as client:
        del client.headers["accept-encoding"]
        answer = client.get(path)
    assert "accept-encoding" not in answer.request.headers
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    assert len(answer.content) == int(answer.headers["content-length"])


def test_files_come_compressed_to_those_who_can(get):
    answer = get("/static/bundle.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_artifacts_are_sandboxed(get):
    answer = get("/artifacts/1/0123abcd")
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert "sandbox" not in get("/dashboard").headers["content-security-policy"]


def test_what_is_not_there_is_404(get):
    assert get("/nothing").status_code == 404
    assert get("/api/studies/99").status_code == 404


def test_plots_of_very_many_trials_are_refused(study, monkeypatch):
    async def statuses(*paths):
        transport = httpx.ASGITransport(make_app(study.database))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [(await client.get(path)).status_code for path in paths]

    plot, detail = "/api/studies/1/plot/edf", "/api/studies/1"
    assert asyncio.run(statuses(plot, detail)) == [200, 200]
    monkeypatch.setattr(dashboard, "MOST_PLOTTED", 2)
    assert asyncio.run(statuses(plot, detail)) == [413, 200]
    assert asyncio.run(statuses("/api/studies/77/plot/edf")) == [500]  # the dashboard's own
