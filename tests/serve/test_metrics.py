"""What Prometheus reads, by its own parser, against what was put into the database."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from sweeper.serve.metrics import Metrics
from sweeper.store import open_database


def values(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_trials_workers_and_requests(client):
    assert client.get("/sweep/api/v1/studies/nothing").status_code == 404
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = values(answer.text)
    assert found["sweeper_database_up",] == 1
    assert found["sweeper_trials", "complete", "mine"] == 3
    assert found["sweeper_budget", "mine"] == 4
    assert found["sweeper_leases", "mine"] == 1
    assert found["sweeper_workers", "live", "mine"] == 1
    assert 0 <= found["sweeper_lease_age_seconds", "mine"] < 600
    assert found["sweeper_request_seconds_count", "404", "api"] >= 1
    again = values(client.get("/metrics").text)
    assert again["sweeper_request_seconds_count", "200", "metrics"] >= 1


def test_the_token_is_needed_here_too(served_file, run_server):
    token = "a secret of the team"
    with run_server(served_file, token=token) as (_, address, _):
        assert httpx.get(f"{address}/metrics").status_code == 401
        bearer = {"authorization": f"Bearer {token}"}
        assert httpx.get(f"{address}/metrics", headers=bearer).status_code == 200


def test_a_database_out_of_reach(postgres_url, away):
    with open_database(postgres_url, create=True) as database:
        metrics = Metrics(database)
        assert values(metrics.answer(None).body.decode())["sweeper_database_up",] == 1
        with away():
            found = values(metrics.answer(None).body.decode())
        assert found["sweeper_database_up",] == 0
        assert not [each for each in found if each[0].startswith("sweeper_trials")]
