"""Only files of checkpoints are deleted, whatever the database names."""

import logging

import pytest

from sweeper.store.queue.checkpoint_files import delete_files, new_file


def test_a_checkpoint_is_deleted_and_one_that_is_gone_is_no_error(tmp_path, caplog):
    file = new_file(tmp_path)
    file.write_bytes(b"weights")
    delete_files([file, new_file(tmp_path)])
    assert not file.exists()
    assert caplog.records == []


@pytest.mark.parametrize("name", ["thesis.pdf", "0123456789abcdef.pt", "x.checkpoint", ".bashrc"])
def test_a_file_that_somebody_wrote_into_the_database_stays(name, tmp_path, caplog):
    file = tmp_path / name
    file.write_text("mine")
    with caplog.at_level(logging.WARNING):
        delete_files([file])
    assert file.read_text() == "mine"
    assert f"{file} is no checkpoint by its name, and stays" in caplog.text
