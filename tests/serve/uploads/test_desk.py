"""The queue of files and the answers, without a server around them."""

import asyncio
import errno
import io
import threading
import time

import pytest
from starlette.datastructures import UploadFile

from sweeper.serve.known import Known
from sweeper.serve.lookup import Lookup
from sweeper.serve.problem import Problem
from sweeper.serve.question import AskedOfFile
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.child import Child, Limits
from sweeper.serve.uploads.desk import Desk
from sweeper.serve.uploads.receive import Sent
from tests.support.sent_files import embeddings_file


@pytest.fixture
def lookup(sqlite_database):
    return Lookup(sqlite_database, Known(sqlite_database))


@pytest.fixture
def make_desk(lookup, tmp_path, monkeypatch):
    """Make desks, whose folders are below this one."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    desks = []

    def make(**options):
        desks.append(Desk(lookup, **options))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()
    assert [*(tmp_path / "temporary").glob("sweeper-*")] == []


@pytest.fixture
def submit(tmp_path):
    path = embeddings_file(tmp_path / "points.npz")

    def call(desk, **asked):
        with path.open("rb") as file:
            sent = Sent({}, "points.npz", UploadFile(file))
            return asyncio.run(desk.submit(sent, AskedOfFile(**asked)))

    return call


def waited(desk, key):
    """What is at a key once it is there; a problem if it is one."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        ticket = desk.find(key)
        if ticket.answer is not None:
            return ticket
        time.sleep(0.05)
    raise AssertionError("no answer")


def test_a_file_is_measured_and_deleted(make_desk, submit, tmp_path):
    desk = make_desk()
    key = submit(desk, loss="arcface")
    (folder,) = (tmp_path / "temporary").glob("sweeper-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    ticket = waited(desk, key)
    assert ticket.answer.plan.num_classes == 6
    assert ticket.loading == ("300 samples of 6 classes were read",)
    time.sleep(0.5)
    assert [*folder.iterdir()] == []
    assert len(key) >= 43  # 32 random bytes


def test_an_answer_is_gone_after_its_time(make_desk, submit):
    desk = make_desk(kept=2.0)
    key = submit(desk)
    waited(desk, key)
    time.sleep(2.5)
    with pytest.raises(Problem, match="or none any more") as gone:
        desk.find(key)
    assert gone.value.status == 404
    assert "again" in gone.value.remedy


def test_the_oldest_answers_make_room(make_desk, submit, monkeypatch):
    monkeypatch.setattr(limits, "MOST_KEPT", 1)
    desk = make_desk()
    first = submit(desk)
    waited(desk, first)
    second = submit(desk)
    with pytest.raises(Problem, match="or none any more"):
        desk.find(first)
    waited(desk, second)


class Held(Child):
    """A process that begins when it may."""

    def __init__(self):
        super().__init__(Limits())
        self.may = threading.Event()

    def run(self, function, *arguments):
        self.may.wait(60)
        return super().run(function, *arguments)


def test_only_so_many_files_wait(make_desk, submit):
    child = Held()
    desk = make_desk(child=child, waiting=1)
    keys = [submit(desk) for _ in range(2)]
    with pytest.raises(Problem, match="other files wait") as full:
        submit(desk)
    assert (full.value.status, full.value.retry_after) == (503, 30)
    child.may.set()
    for key in keys:
        waited(desk, key)
    waited(desk, submit(desk))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"objective": "speed"}, "unknown objective"),
        ({"loss": "arcfase"}, "did you mean arcface"),
        ({"beside": "centre"}, "did you mean center"),
    ],
)
def test_what_has_no_answer_takes_no_place(make_desk, submit, asked, says):
    desk = make_desk(waiting=0)
    with pytest.raises(Problem, match=says):
        submit(desk, **asked)
    desk.require_place()


def test_what_cannot_be_measured_is_told_at_its_key(make_desk, submit):
    desk = make_desk(child=Child(Limits(wall=0.001)))
    key = submit(desk)
    with pytest.raises(Problem, match=r"points\.npz: .* more time") as told:
        waited(desk, key)
    assert told.value.status == 422
    desk.require_place()


def test_a_disk_that_takes_nothing_is_told_and_takes_no_place(make_desk, submit, monkeypatch):
    desk = make_desk(waiting=0)
    with monkeypatch.context() as changed:
        changed.setattr("tempfile.tempdir", "/proc/nowhere")
        with pytest.raises(Problem, match="cannot keep the file: No such file") as full:
            submit(desk)
    assert full.value.status == 503
    waited(desk, submit(desk))


class Cut(io.BytesIO):
    """A file of which a part can be read."""

    def __init__(self):
        super().__init__(bytes(3 << 20))

    def read(self, size=-1):
        if self.tell() > 1 << 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(1 << 20)


def test_what_could_not_be_kept_whole_is_deleted(make_desk, tmp_path):
    desk = make_desk(waiting=0)
    sent = Sent({}, "points.npz", UploadFile(Cut()))
    with pytest.raises(Problem, match="cannot keep the file: No space left on device"):
        asyncio.run(desk.submit(sent, AskedOfFile()))
    (folder,) = (tmp_path / "temporary").glob("sweeper-*")
    assert [*folder.iterdir()] == []
    desk.require_place()


def test_a_problem_that_is_told_again_holds_nothing_of_before(make_desk, submit):
    desk = make_desk(child=Child(Limits(wall=0.001)))
    key = submit(desk)
    with pytest.raises(Problem) as first:
        waited(desk, key)
    with pytest.raises(Problem) as second:
        desk.find(key)
    assert second.value is not first.value
    assert (second.value.detail, second.value.remedy) == (first.value.detail, first.value.remedy)
