"""Asking with the form, as a browser sends it, on a real server."""

import html
import json
import re
import time

import pytest

from tests.support.sent_files import embeddings_file, image_folder, zipped

PAGE = {"accept": "text/html"}
SENT = {"objective": "accuracy", "loss": "arcface", "beside": "", "net": "", "epochs": ""}
NO_FILE = {"file": ("", b"")}


@pytest.fixture
def send(client):
    def call(files, **fields):
        return client.post("/sweep/answers", files=files, data={**SENT, **fields}, headers=PAGE)

    return call


def test_numbers_lead_to_an_address_that_has_them(send):
    answer = send(NO_FILE, num_classes="40", per_class=" 25")
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/sweep?num_classes=40&per_class=25&objective=accuracy&loss=arcface"
    )


def test_nothing_filled_in_is_told(send, client):
    answer = send(NO_FILE)
    found = client.get(answer.headers["location"], headers=PAGE)
    assert found.status_code == 422
    assert "is empty: please fill it in, or choose a file" in found.text


def test_a_file_leads_to_an_address_that_nobody_guesses(send, client, tmp_path):
    folder = image_folder(tmp_path / "my <b>images</b>")
    (folder / "class 0" / "x.svg").write_text("<svg/>")
    path = zipped(folder, tmp_path / "my <b>images.zip")
    answer = send({"file": (path.name, path.read_bytes())}, epochs="1,000")
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert re.fullmatch(r"/sweep/answers/[\w-]{43}", address)
    until = time.monotonic() + 120
    while (found := client.get(address, headers=PAGE)).status_code == 202:
        assert f"Measuring {html.escape(path.name)}" in found.text
        assert '<meta http-equiv="refresh" content="2">' in found.text
        assert time.monotonic() < until
        time.sleep(0.2)
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert "<b>" not in found.text
    said = html.unescape(re.sub(r"<[^>]+>", " ", found.text))
    key = address.rpartition("/")[2]
    told = client.get(f"/sweep/api/v1/recommend/file/{key}").json()
    assert f"m2 {told['recommended']['m2']:.3g}, scale" in said
    assert "1,000 epochs" in said
    for note in told["notes"]:
        assert note.replace("`", " ")[:40] in said
    for note in ("48 samples of 4 classes", "x.svg"):
        assert note in said
    assert "Ask the same by the command line" in said
    assert '<option value="arcface" selected>' in found.text
    assert "/tmp" not in said
    assert json.loads(re.search(r'id="response">(.*?)</script>', found.text, re.DOTALL)[1])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"num_classes": "5"}, "“Classes” follows from the file: leave it empty"),
        ({"samples": "5"}, "give epochs"),
        ({"net": "a:b"}, "with a file the net is one of compact"),
        ({"epochs": "many"}, "Epochs"),
        ({"loss": "arcfase"}, "did you mean arcface"),
    ],
)
def test_a_mistake_is_told_beside_what_was_filled_in(send, tmp_path, fields, says):
    path = embeddings_file(tmp_path / "mine.npz")
    answer = send({"file": (path.name, path.read_bytes())}, batch_size="17", **fields)
    assert answer.status_code == 422
    alert = re.search(r'role="alert">([^<]*)<', answer.text)[1]
    assert says in html.unescape(alert)
    assert 'value="17"' in answer.text


def test_another_kind_of_file_is_told(send):
    answer = send({"file": ("mine.rar", b"Rar!")})
    assert answer.status_code == 422
    assert "'mine.rar' is no .zip" in html.unescape(answer.text)


def test_a_file_that_cannot_be_measured_has_a_page(send, client):
    answer = send({"file": ("mine.npz", b"PK")})
    address = answer.headers["location"]
    until = time.monotonic() + 120
    while (found := client.get(address, headers=PAGE)).status_code == 202:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert found.status_code == 422
    assert "write it with numpy.savez" in found.text


def test_an_answer_that_is_gone_says_what_to_do(client):
    found = client.get("/sweep/answers/guessed", headers=PAGE)
    assert found.status_code == 404
    assert "Send the file again." in found.text
