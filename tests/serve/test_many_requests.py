"""Many requests at once, and many odd ones, on a real server: no error of the server's."""

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import httpx
import pytest

pytestmark = pytest.mark.long

RECOMMEND = "/sweep/api/v1/recommend"

#: What nobody should send, and what somebody may.
ODD = (
    *(0, 1, -1, 2, 3.5, 1e9, 1e10, 10**30, 1e308, True, None, "", "x", "\0", "../..", "é" * 50),
    *([], {}, [1], "1e5", "scratch", "frozen", "mlp", "any", "center", ["center", "center"], 64),
)
PLAN = ("net", "start", "epochs", "samples", "batch_size", "lr", "embedding")
PAGES = ("/sweep", "/sweep/repository", "/sweep/studies", "/sweep/workers", "/sweep/login")
FOLDERS = (
    *("/sweep/", "/sweep/studies/", "/sweep/repository/", "/sweep/static/"),
    *("/sweep/api/v1/", "/sweep/api/v1/tasks/", "/sweep/api/v1/studies/"),
)


def some(chance, names, rate):
    return {name: chance.choice(ODD) for name in names if chance.random() < rate}


def test_fifty_people_at_once_get_their_answers(address):
    def ask(number):
        plan = {"num_classes": 20 + number, "per_class": 30}
        return httpx.post(address + RECOMMEND, json={"plan": plan}, timeout=120).status_code

    with ThreadPoolExecutor(50) as pool:
        assert Counter(pool.map(ask, range(50))) == {200: 50}


@pytest.mark.parametrize("seed", range(3))
def test_odd_questions_are_the_askers_fault(client, seed):
    chance = random.Random(seed)
    for _ in range(150):
        sizes = {"num_classes": chance.choice((10, *ODD)), "per_class": chance.choice((10, *ODD))}
        content = {"plan": {**sizes, **some(chance, PLAN, 0.2)}}
        content |= some(chance, ("objective", "loss", "beside", "meta_features"), 0.2)
        answer = client.post(RECOMMEND, json=content)
        assert answer.status_code in (200, 422), json.dumps(content)


@pytest.mark.parametrize("seed", range(3))
def test_odd_addresses_are_never_the_servers_fault(client, seed):
    chance = random.Random(seed)
    for _ in range(150):
        if chance.random() < 0.5:
            query = some(chance, (*PLAN, "num_classes", "objective", "sort", "down", "next"), 0.3)
            path, method = chance.choice(PAGES), "GET"
        else:
            text = "".join(map(chr, chance.choices(range(1, 0x250), k=chance.randint(1, 12))))
            path = chance.choice(FOLDERS) + quote(text, safe="")
            query, method = {}, chance.choice(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))
        accept = chance.choice(("text/html", "*/*"))
        values = {name: str(value) for name, value in query.items()}
        answer = client.request(method, path, params=values, headers={"accept": accept})
        assert answer.status_code < 500, (method, path, values)
