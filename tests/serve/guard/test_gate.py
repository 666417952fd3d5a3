"""A real server with and without a token: whom it lets in."""

import httpx
import pytest

SECRET = "a secret of the team"


@pytest.fixture(scope="module")
def closed_address(served_file, run_server):
    """The address of a server with a token."""
    with run_server(served_file, token=SECRET) as (_, found, _):
        yield found


@pytest.fixture
def closed_client(closed_address):
    with httpx.Client(base_url=closed_address, timeout=60) as client:
        yield client


@pytest.mark.parametrize("path", ["/sweep", "/dashboard", "/api/studies", "/health", "/nothing"])
def test_a_foreign_name_is_refused_everywhere(client, path):
    answer = client.get(path, headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"
    assert "--allowed-host" in answer.json()["remedy"]


def test_what_came_through_a_proxy_needs_a_token(client, closed_client):
    forwarded = {"x-forwarded-for": "10.0.0.1"}
    answer = client.get("/api/studies", headers=forwarded)
    assert answer.status_code == 403
    assert "SWEEPER_TOKEN" in answer.json()["remedy"]
    bearer = {"authorization": f"Bearer {SECRET}"}
    assert closed_client.get("/api/studies", headers={**forwarded, **bearer}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_pages_of_other_sites_send_nothing(client, headers):
    answer = client.post("/sweep/api/v1/recommend", json={}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/studies/1"),
        ("POST", "/api/studies"),
        ("POST", "/api/studies/1/rename"),
        ("PUT", "/api/studies/1/note"),
        ("POST", "/api/trials/1/tell"),
        ("POST", "/api/artifacts/1"),
    ],
)
def test_the_dashboard_writes_nothing_unless_told_so(client, method, path):
    answer = client.request(method, path, json={})
    assert answer.status_code == 403
    assert "--dashboard-writes" in answer.json()["remedy"]
    assert len(client.get("/api/studies").json()["study_summaries"]) == 1


def test_told_so_it_writes(sqlite_url, study, run_server):
    with run_server(sqlite_url, writes=True) as (_, address, _):
        note = {"body": "ours", "version": 1}
        found = httpx.get(f"{address}/api/studies/1").json()["note"]["version"]
        answer = httpx.put(f"{address}/api/studies/1/note", json={**note, "version": found + 1})
        assert answer.status_code in (204, 409)  # 409 if ours was written in between


WRITING = ("/sweep/api/v1/studies/mine/pause", "/sweep/studies/mine/pause", "/api/studies")
QUESTION = {"plan": {"num_classes": 10, "per_class": 40}}


def test_read_only_answers_and_changes_nothing(sqlite_url, study, run_server):
    with run_server(sqlite_url, read_only=True) as (_, address, _):
        for path in WRITING:
            answer = httpx.post(address + path, json={})
            assert answer.status_code == 403
            assert "--read-only" in answer.json()["remedy"]
        assert httpx.get(f"{address}/sweep/api/v1/studies/mine").json()["state"] == "active"
        asked = httpx.post(f"{address}/sweep/api/v1/recommend", json=QUESTION, timeout=60)
        assert asked.status_code == 200
        assert "Pause" not in httpx.get(f"{address}/sweep/studies/mine", timeout=60).text


def test_the_reading_token_reads_and_asks(sqlite_url, study, run_server):
    tokens = {"token": SECRET, "reading_token": "for all to read with"}
    with run_server(sqlite_url, **tokens) as (_, address, _):
        bearer = {"authorization": f"Bearer {tokens['reading_token']}"}
        with httpx.Client(base_url=address, timeout=60) as reader:
            form = {"token": tokens["reading_token"], "next": "/sweep/studies/mine"}
            answer = reader.post("/sweep/login", data=form, follow_redirects=True)
            assert (answer.status_code, "Pause" in answer.text) == (200, False)
            assert reader.post("/sweep/api/v1/recommend", json=QUESTION).status_code == 200
            for headers in ({}, bearer):
                for path in WRITING:
                    answer = reader.post(path, json={}, headers=headers)
                    assert answer.status_code == 403
                    assert "SWEEPER_TOKEN" in answer.json()["remedy"]
        writer = {"authorization": f"Bearer {SECRET}"}
        assert "Pause" in httpx.get(f"{address}/sweep/studies/mine", headers=writer).text
        assert httpx.post(address + WRITING[0], headers=writer).json()["state"] == "paused"


@pytest.mark.parametrize(
    "path", ["/", "/sweep", "/sweep/studies", "/dashboard", "/api/studies", "/sweep/api/v1/tasks"]
)
def test_with_a_token_nothing_is_told_without_it(closed_client, path):
    for headers in ({}, {"authorization": "Bearer wrong"}, {"cookie": "sweeper_session=wrong"}):
        answer = closed_client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "SWEEPER_TOKEN" in answer.json()["remedy"]
    assert closed_client.get(path, headers={"authorization": f"Bearer {SECRET}"}).status_code < 400


def test_container_engines_need_no_token(closed_client):
    assert closed_client.get("/health").json() == {"status": "ok"}
    assert closed_client.get("/ready").json() == {"status": "ok"}


def test_a_browser_logs_in(closed_client):
    page = {"accept": "text/html"}
    answer = closed_client.get("/sweep/studies?sort=name", headers=page)
    assert answer.status_code == 303
    login = answer.headers["location"]
    assert login == "/sweep/login?next=%2Fsweep%2Fstudies%3Fsort%3Dname"
    form = closed_client.get(login, headers=page).text
    assert 'value="/sweep/studies?sort=name"' in form
    assert closed_client.get("/sweep/static/style.css").status_code == 200
    wrong = closed_client.post("/sweep/login", data={"token": "wrong", "next": "/sweep"})
    assert wrong.status_code == 403
    assert "set-cookie" not in wrong.headers
    right = closed_client.post("/sweep/login", data={"token": SECRET, "next": "/sweep/studies"})
    assert right.headers["location"] == "/sweep/studies"
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie.replace("samesite", "")
    assert SECRET not in cookie
    assert closed_client.get("/sweep/studies", headers=page).status_code == 200
    behind_tls = closed_client.post(
        "/sweep/login", data={"token": SECRET}, headers={"x-forwarded-proto": "https"}
    )
    assert "secure" in behind_tls.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", ""]
)
def test_the_login_leads_nowhere_else(closed_client, target):
    answer = closed_client.post("/sweep/login", data={"token": SECRET, "next": target})
    assert answer.headers["location"] == "/sweep"


def test_every_answer_has_the_headers(client):
    paths = ("/sweep", "/sweep/nothing", "/dashboard", "/api/studies", "/health", "/artifacts/1/0a")
    for path in paths:
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    policy = client.get("/sweep").headers["content-security-policy"]
    assert "script-src 'self';" in policy


def test_what_is_not_there_is_a_problem_or_a_page(client):
    answer = client.get("/sweep/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    answer = client.get("/sweep/nothing", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "<h1>Not Found</h1>" in answer.text
    assert client.delete("/sweep/login").status_code == 405
