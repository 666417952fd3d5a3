"""Asking with files on a real server, against the command."""

import io
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from sweeper import Client
from sweeper.cli import main
from sweeper.errors import SweeperError, UsageError
from sweeper.registry.nets import NETS
from sweeper.repository import sources
from sweeper.serve.uploads import limits
from tests.serve.conftest import running
from tests.support.sent_files import (
    archive_of,
    claimed_npy,
    claimed_png,
    embeddings_file,
    image_folder,
    images_file,
    png,
    zipped,
)

FILES = "/sweep/api/v1/recommend/file"
TOKEN, READING = "a-token-of-more-than-sixteen", "a-reading-token-of-sixteen"


@pytest.fixture
def ask(client):
    """Send a file and give the answer."""

    def call(path, **fields):
        with path.open("rb") as file:
            answer = client.post(FILES, files={"file": (path.name, file)}, data=fields)
        if answer.status_code != 202:
            return answer
        address = answer.headers["location"]
        assert address.startswith(f"{FILES}/")
        until = time.monotonic() + 120
        while (answer := client.get(address)).status_code == 202:
            assert answer.headers["retry-after"] == "1"
            assert time.monotonic() < until
            time.sleep(0.1)
        return answer

    return call


def of_command(capsys, database, *words):
    main(["recommend", *words, "--format", "json", "--storage", database])
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize("make", [embeddings_file, images_file])
def test_the_answer_about_arrays_is_that_of_the_command(
    ask, make, served_file, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    path = make(tmp_path / "mine.npz")
    answer = ask(path, loss="arcface", epochs="9", beside="center")
    assert answer.status_code == 200
    words = ("--loss", "arcface", "--epochs", "9", "--beside", "center")
    assert answer.text == of_command(capsys, served_file, "mine.npz", *words)


def test_the_answer_about_an_archive_is_that_of_the_command_about_the_folder(
    ask, served_file, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    path = zipped(image_folder(tmp_path / "mine"), tmp_path / "mine.zip")
    answer = ask(path, net="lenet", lr="0.002", embedding="32", batch_size="16")
    words = ("--net", "lenet", "--lr", "0.002", "--embedding", "32", "--batch-size", "16")
    assert answer.text == of_command(capsys, served_file, "mine", *words)
    assert answer.headers["content-type"] == "application/json"


def test_the_answer_about_a_table_is_that_by_numbers(ask, client, tmp_path):
    row = sources.shipped().tasks.iloc[20]
    features = {name: float(row[name]) for name in sources.shipped().features}
    path = tmp_path / "mine.csv"
    columns = {"num_classes": 10, "per_class": 20.5, **features}
    path.write_text("\n".join(",".join(map(str, line)) for line in (columns, columns.values())))
    answer = ask(path, loss="cosface", start="scratch")
    plan = {"num_classes": 10, "per_class": 20.5, "start": "scratch"}
    sent = {"plan": plan, "loss": "cosface", "meta_features": features}
    assert answer.json() == client.post("/sweep/api/v1/recommend", json=sent).json()


def test_the_client_asks_with_a_file(address, ask, tmp_path):
    path = embeddings_file(tmp_path / "mine.npz")
    with Client(address) as friend:
        found = friend.recommend_file(path, loss="arcface", net="linear", beside=["center"])
        assert found == ask(path, loss="arcface", net="linear", beside="center").json()
        with pytest.raises(UsageError, match=r"epoch: there is no such field: There are file, "):
            friend.recommend_file(path, epoch=3)
        with pytest.raises(SweeperError, match="cannot be read"):
            friend.recommend_file(tmp_path / "other.npz")
        with pytest.raises(SweeperError, match="no answer within 0 seconds"):
            friend.recommend_file(path, wait=0)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"net": "module:function"}, f"one of {', '.join(NETS)}"),
        ({"net": "/etc/passwd"}, f"one of {', '.join(NETS)}"),
        ({"net": "resnet18[weights=/etc/passwd]"}, f"one of {', '.join(NETS)}"),
        ({"epochs": "0"}, "epochs"),
        ({"lr": "nan"}, "lr"),
        ({"num_classes": "3"}, "there is no such field"),
        ({"start": "warm"}, "start"),
        ({"objective": "speed"}, "unknown objective"),
        ({"loss": "arcfase"}, "did you mean arcface"),
        ({"beside": "center,center"}, "center"),
        ({"net": "x" * 5000}, "maximum size"),
        ({f"f{n}": "1" for n in range(30)}, "Too many fields"),
    ],
)
def test_a_mistake_beside_the_file_is_told_at_once(client, fields, says):
    files = {"file": ("mine.npz", b"PK")}
    answer = client.post(FILES, files=files, data=fields)
    assert answer.status_code == 422
    problem = answer.json()
    assert says in problem["detail"]
    assert problem["remedy"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"file": ("mine.exe", b"MZ")}, "'mine.exe' is no .zip, .npz, .csv"),
        ({"file": ("mine", b"MZ")}, "'mine' is no"),
        ({"file": ("../../mine.tar", b"MZ")}, "'mine.tar' is no"),
        ({"photo": ("mine.npz", b"MZ")}, "there is no file"),
        ([("file", ("a.npz", b"")), ("file", ("b.npz", b""))], "Too many files"),
    ],
)
def test_another_file_is_refused_at_once(client, files, says):
    answer = client.post(FILES, files=files)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\nc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a" * 100_000),
        ("multipart/form-data; boundary=x; charset=rot13", b"--x--\r\n"),
        ("application/x-www-form-urlencoded", b"file=a"),
    ],
)
def test_what_is_no_form_is_refused(client, kind, content):
    answer = client.post(FILES, content=content, headers={"content-type": kind})
    assert answer.status_code == 422
    assert answer.json()["remedy"].startswith("Send ")


MALICIOUS = {
    "claims.npz": ({"images.npy": claimed_npy((10**12,))}, "claims 1,000,000,000,000 bytes"),
    "outside.zip": ({"a/1.png": png(), "../x.png": png()}, "no path below a folder"),
    "bomb.zip": ({"a/1.bmp": b"\0" * 2**25}, "times as large unpacked"),
    "pixels.zip": (
        {"a/1.png": claimed_png(60_000, 60_000), "b/1.png": png()},
        "pixels.zip/a/1.png has more than 50,000,000 pixels",
    ),
    "drawing.zip": ({"a/1.svg": b"<svg/>", "b/1.svg": b"<svg/>"}, "no images"),
    "broken.zip": ({"a/1.png": png()[:30], "b/1.png": png()}, "broken.zip/a/1.png"),
}


@pytest.mark.parametrize("name", MALICIOUS)
def test_a_file_that_cannot_be_measured_is_told_without_a_path_of_the_server(ask, tmp_path, name):
    content, says = MALICIOUS[name]
    answer = ask(archive_of(tmp_path / name, content))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert name in answer.json()["detail"]
    assert "/tmp" not in answer.text
    assert "sweeper-uploads" not in answer.text


def test_a_list_of_paths_is_refused(ask, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("path,label\n/etc/passwd,a\n/etc/group,b\n")
    answer = ask(path)
    assert answer.status_code == 422
    assert "names files that are not here" in answer.json()["detail"]


def test_an_address_that_nobody_was_given_says_what_to_do(client):
    answer = client.get(f"{FILES}/guessed")
    assert answer.status_code == 404
    assert "kept for 60 minutes" in answer.json()["detail"]
    assert answer.json()["remedy"] == "Send the file again."


def test_a_file_may_be_larger_than_other_requests_and_not_larger_than_its_bound(client):
    large = client.post(FILES, files={"file": ("mine.rar", io.BytesIO(bytes(2**21)))})
    assert large.status_code == 422  # read, and of no kind that is taken
    try:
        larger = client.post(
            FILES, files={"file": ("mine.zip", io.BytesIO(bytes(limits.MOST_BYTES + 2**18)))}
        )
    except httpx.HTTPError:
        return  # the server closed the connection while more was sent
    assert larger.status_code == 413


@pytest.fixture
def temporary():
    """A folder for temporary files, whose path is short enough for sockets in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_server_that_ends_leaves_nothing(
    served_file, run_server, tmp_path, temporary, monkeypatch
):
    content = images_file(tmp_path / "mine.npz", 3000, 30).read_bytes()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with run_server(served_file) as (process, address, _):
        for _ in range(3):
            sent = httpx.post(address + FILES, files={"file": ("mine.npz", content)}, timeout=60)
            assert sent.status_code == 202
        assert [*temporary.glob("sweeper-*")]
        kind = {"content-type": "multipart/form-data; boundary=x"}
        broken = httpx.post(address + FILES, content=b"nonsense", headers=kind, timeout=60)
        assert broken.status_code == 422
        process.terminate()
        process.wait(60)
        assert [*temporary.glob("sweeper-*")] == []
        logged = process.stderr.read()
        assert "Traceback" not in logged
        assert "boundary" not in logged


def test_so_many_files_wait_and_no_more(served_file, run_server, tmp_path):
    content = images_file(tmp_path / "mine.npz", 3000, 30).read_bytes()
    with run_server(served_file) as (_, address, _), httpx.Client(timeout=60) as client:
        sent = [
            client.post(address + FILES, files={"file": ("mine.npz", content)})
            for _ in range(limits.MOST_WAITING + 2)
        ]
        assert [each.status_code for each in sent] == [202] * (limits.MOST_WAITING + 1) + [503]
        assert sent[-1].headers["retry-after"] == "30"
        assert "ask by numbers" in sent[-1].json()["remedy"]
        addresses = {each.headers["location"] for each in sent[:-1]}
        assert len(addresses) == limits.MOST_WAITING + 1


@pytest.mark.parametrize("read_only", [True, False])
def test_who_only_reads_may_ask(served_file, tmp_path, read_only):
    files = {"file": ("mine.csv", b"num_classes,per_class\n5,6\n")}
    with running(served_file, token=TOKEN, reading_token=READING, read_only=read_only) as (
        _,
        address,
        _,
    ):
        url = address + FILES
        stranger = httpx.post(url, files=files)
        assert stranger.status_code == 401
        headers = {"Authorization": f"Bearer {READING}"}
        answer = httpx.post(url, files=files, headers=headers)
        assert answer.status_code == 202
        place = address + answer.headers["location"]
        assert httpx.get(place).status_code == 401
        assert httpx.get(place, headers=headers).status_code in (200, 202)
        foreign = httpx.post(url, files=files, headers={**headers, "Origin": "http://evil.example"})
        assert foreign.status_code == 403
