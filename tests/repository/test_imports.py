"""What was imported, as people look at it, and take out again."""

import hashlib
import io
import json

import pandas as pd
import pytest

from sweeper import store
from sweeper.errors import SweeperError, UsageError
from sweeper.repository import archive, files, sources
from sweeper.repository.imports import find_imported, imported_files


@pytest.fixture
def exported(world, tmp_path):
    """Two files that were exported."""
    paths = tmp_path / "one.zip", tmp_path / "two.zip"
    for number, path in enumerate(paths, 2):
        files.export(world().repository(sources=number, settings=4, seeds=2), path, {})
    return paths


def test_files_are_listed_found_and_taken_out(database, exported):
    assert imported_files(database) == []
    for path in exported:
        assert sources.import_file(database, path)
    one, two = imported_files(database)
    assert (one.name, two.name) == ("one.zip", "two.zip")
    assert one.tasks == tuple(files.load(exported[0]).tasks["id"])
    assert one.holds.startswith(f"{len(one.tasks)} tasks, ")
    assert find_imported(database, "one.zip") == find_imported(database, one.digest[:6]) == one
    store.remove_repository(database, one.digest)
    assert imported_files(database) == [two]
    assert sources.database_results(database) == files.load(exported[1])
    assert sources.import_file(database, exported[0])  # and may come again


def test_what_goes_by_a_name_is_told(database, exported, tmp_path):
    with pytest.raises(UsageError, match=r"no imported file goes by 'x'; there is none"):
        find_imported(database, "x")
    other = tmp_path / "elsewhere" / "one.zip"
    other.parent.mkdir()
    other.write_bytes(exported[1].read_bytes())
    for path in (exported[0], other):
        sources.import_file(database, path)
    with pytest.raises(UsageError, match=r"several imported files go by 'one\.zip'"):
        find_imported(database, "one.zip")
    with pytest.raises(UsageError, match=r"no imported file goes by ''; there is one\.zip \("):
        find_imported(database, "")


def with_feature(path, value):
    """Return the content of an exported file with another value of the first meta-feature."""
    content = archive.read_members(io.BytesIO(path.read_bytes()), (files.PROVENANCE, *files.TABLES))
    tasks = pd.read_csv(io.BytesIO(content[files.TASKS]))
    tasks["accuracy_1nn"] = value
    content[files.TASKS] = tasks.to_csv(index=False, lineterminator="\n").encode()
    provenance = json.loads(content[files.PROVENANCE])
    provenance["sha256"] = {
        name: hashlib.sha256(content[name]).hexdigest() for name in files.TABLES
    }
    content[files.PROVENANCE] = json.dumps(provenance).encode()
    return archive.pack(content)


@pytest.mark.parametrize("value", [1e18, 1.7e308, -0.1, 1.01])
def test_what_no_measurement_can_be_is_refused(database, exported, value):
    exported[0].write_bytes(with_feature(exported[0], value))
    with pytest.raises(SweeperError, match="accuracy_1nn is out of range"):
        sources.import_file(database, exported[0])
    assert imported_files(database) == []


def test_what_an_earlier_version_took_is_named_and_can_be_taken_out(database, exported):
    content = with_feature(exported[0], 1e18)
    store.add_repository(database, store.Imported("their results.zip", "0" * 64, content))
    with pytest.raises(SweeperError) as told:
        sources.all_results(database)
    assert "`sweeper repository remove 000000000000 --yes" in str(told.value)
    (listed,) = imported_files(database)
    assert listed.holds.startswith("cannot be read: ")
    store.remove_repository(database, find_imported(database, "their results.zip").digest)
    assert sources.all_results(database) == sources.shipped()
