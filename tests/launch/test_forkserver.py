"""Processes forked from a server of long ago."""

import multiprocessing
import os

import pytest

from sweeper.launch import forkserver


def tell(connection):
    connection.send(dict(os.environ))


def environment_of_a_process():
    here, there = multiprocessing.Pipe()
    process = forkserver.process(tell, there)
    process.start()
    found = here.recv()
    process.join()
    return found


@pytest.mark.long
def test_a_process_has_the_variables_of_its_start_not_of_the_servers(monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", "before")
    forkserver.prepare()
    monkeypatch.setenv("SWEEPER_DATA", "after")
    assert environment_of_a_process()["SWEEPER_DATA"] == "after"
    monkeypatch.delenv("SWEEPER_DATA")
    assert "SWEEPER_DATA" not in environment_of_a_process()
