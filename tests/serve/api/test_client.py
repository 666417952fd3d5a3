"""`sweeper.Client` against a real server."""

from urllib.parse import quote

import httpx
import pytest

from sweeper import Client
from sweeper.errors import SweeperError, UsageError
from tests.serve.conftest import running

TOKEN = "a-token-of-more-than-sixteen-characters"


@pytest.fixture
def api(address):
    with Client(address) as client:
        yield client


def test_it_gives_what_the_api_gives(api, client):
    prefix = "/sweep/api/v1"
    assert api.tasks() == client.get(f"{prefix}/tasks").json()
    task = api.tasks()[0]["task"]
    assert api.task(task) == client.get(f"{prefix}/tasks/{quote(task)}").json()
    assert api.studies() == client.get(f"{prefix}/studies").json()
    assert api.study("mine") == client.get(f"{prefix}/studies/mine").json()
    assert api.results("mine") == client.get(f"{prefix}/studies/mine/results").json()
    assert [each["worker"] for each in api.workers()] == [
        each["worker"] for each in client.get(f"{prefix}/workers").json()
    ]
    plan = {"num_classes": 40, "per_class": 25.0, "net": "lenet", "lr": 0.001}
    asked = {"plan": plan, "loss": "arcface", "objective": "retrieval", "beside": ["center"]}
    found = api.recommend(
        40, 25.0, net="lenet", lr=1e-3, loss="arcface", objective="retrieval", beside=["center"]
    )
    assert found == client.post(f"{prefix}/recommend", json=asked).json()


def test_one_term_may_be_a_name(api):
    alone, listed = (
        api.recommend(40, 25.0, loss="arcface", beside=beside) for beside in ("center", ["center"])
    )
    assert alone == listed


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"url": "http://[::1"}, "no address"), ({"token": "geheim-schlüssel"}, "not ASCII")],
)
def test_what_cannot_be_an_address_or_a_token_is_one_line(asked, says):
    with pytest.raises(UsageError, match=says):
        Client(**asked)


def test_it_steers(api):
    states = [api.pause("mine"), api.stop("mine"), api.resume("mine")]
    assert [each["state"] for each in states] == ["paused", "stopped", "active"]


def test_errors_are_one_line_with_what_to_do(api):
    with pytest.raises(UsageError, match=r"unknown study 'mne'; did you mean mine\?: See "):
        api.study("mne")
    with pytest.raises(UsageError, match="num_classes"):
        api.recommend(1, 25.0)
    with pytest.raises(UsageError, match="unknown loss 'arcfac'"):
        api.recommend(40, 25.0, loss="arcfac")
    with pytest.raises(UsageError, match="epoch"):
        api.recommend(40, 25.0, epoch=3)


def test_without_a_server_it_says_how_to_start_one():
    with (
        Client("http://127.0.0.1:9", timeout=5) as nobody,
        pytest.raises(
            SweeperError, match=r"no answer from http://127\.0\.0\.1:9 .*`sweeper serve`"
        ),
    ):
        nobody.studies()


def test_the_token_comes_from_the_environment_or_the_caller(served_file, monkeypatch):
    with running(served_file, token=TOKEN) as (_, address, _):
        with Client(address) as stranger, pytest.raises(SweeperError, match="no token: Send"):
            stranger.studies()
        with Client(address, token=TOKEN) as friend:
            assert [each["study"] for each in friend.studies()] == ["mine"]
        monkeypatch.setenv("SWEEPER_TOKEN", TOKEN)
        with Client(f"{address}/") as friend:
            assert len(friend.studies()) == 1


def test_a_server_that_is_not_ours_is_told(address, api):
    with Client(address) as lost:
        lost._http = httpx.Client(base_url=f"{address}/dashboard")
        with pytest.raises(SweeperError, match="is no sweeper; name its address"):
            lost.studies()
