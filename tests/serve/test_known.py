"""What recommendations learn from: read once, and again when the database has grown."""

import asyncio
from contextlib import suppress

import pytest

from sweeper.repository.files import export
from sweeper.repository.recommendation.by_numbers import Numbers
from sweeper.repository.records import Repository
from sweeper.repository.sources import shipped
from sweeper.serve.known import Known, Question
from sweeper.store import Imported, add_repository


@pytest.fixture
def known(sqlite_database):
    return Known(sqlite_database)


def test_the_same_question_is_worked_out_once(known):
    snapshot = known.current()
    first, second = (
        snapshot.answer(Question(Numbers(20, 30), "accuracy", "arcface")) for _ in range(2)
    )
    assert first is second
    assert snapshot.answer(Question(Numbers(21, 30), "accuracy", "arcface")) is not first


def test_answers_that_nobody_asked_for_lately_are_forgotten(known, monkeypatch):
    monkeypatch.setattr("sweeper.serve.known.KEPT", 2)
    snapshot = known.current()
    asked = [Question(Numbers(20 + n, 30), "accuracy", "cosface") for n in range(3)]
    first = snapshot.answer(asked[0])
    for question in asked[1:]:
        snapshot.answer(question)
    assert snapshot.answer(asked[0]) is not first


def test_nothing_is_read_again_while_nothing_changes(known):
    assert known.look()
    before = known.current()
    assert not known.look()
    assert known.current() is before


def test_what_is_new_is_learned_from(known, sqlite_database, tmp_path):
    assert known.current().own.own == frozenset()
    theirs = shipped().tasks.iloc[[0]]
    (name,) = theirs["id"]
    results = shipped().results
    file = tmp_path / "theirs.zip"
    export(Repository(theirs, results[results["task"] == name]), file)
    add_repository(sqlite_database, Imported(file.name, "d" * 64, file.read_bytes()))
    assert known.look()
    assert known.current().own.own == {name}
    (entry,) = [each for each in known.current().tasks.all if each["own"]]
    assert entry["task"] == name


def test_the_end_of_the_server_waits_for_no_more_than_a_step(known):
    async def begin_and_end():
        task = asyncio.create_task(known.run())
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(begin_and_end())  # waits for the thread
    assert "tasks" not in vars(known.current())
