"""All that is known: what comes along, what was imported, and what was chosen on it."""

from dataclasses import replace

import pytest

from sweeper import store
from sweeper.errors import SweeperError
from sweeper.repository import files, sources


@pytest.fixture
def file(world, tmp_path):
    path = tmp_path / "known.zip"
    files.export(world().repository(sources=2, settings=4, seeds=2), path, sources.origin())
    return path


def test_what_is_imported_is_known_beside_what_comes_along(database, file):
    assert sources.database_results(database).tasks.empty
    assert sources.import_file(database, file)
    assert sources.database_results(database) == files.load(file)
    both = {*files.load(file).tasks["id"], *sources.shipped().tasks["id"]}
    assert set(sources.all_results(database).tasks["id"]) == both
    assert not sources.import_file(database, file)
    assert sources.database_results(database) == files.load(file)


def test_a_broken_file_is_refused_whole(database, file, tmp_path):
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(SweeperError, match="cut off"):
        sources.import_file(database, file)
    with pytest.raises(SweeperError, match=r"nowhere\.zip cannot be read"):
        sources.import_file(database, tmp_path / "nowhere.zip")
    assert store.imported_repositories(database) == []


def test_without_a_database_what_comes_along_answers():
    assert sources.all_results(None) == sources.shipped()
    assert sources.stored_choice("accuracy", None).digest == sources.shipped().digest


def test_the_choice_that_was_made_on_what_is_asked_goes_first(database):
    shipped = sources.stored_choice("accuracy", None)
    own = replace(shipped, digest="0" * 64, tasks=99)
    store.record_choice(database, "accuracy", own.to_json())
    assert sources.stored_choice("accuracy", database, own.digest).tasks == 99
    assert sources.stored_choice("accuracy", database, shipped.digest).tasks == shipped.tasks
    assert sources.stored_choice("accuracy", database, "other").tasks == 99
