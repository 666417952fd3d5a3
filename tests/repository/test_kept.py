import numpy as np
import pytest

from sweeper.data.paths import cache_folder
from sweeper.errors import SweeperError
from sweeper.repository import files, kept, sources


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # Which many may share, and write to.
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "data"))
    return tmp_path / "cache" / "sweeper" / "repository.npz"


@pytest.fixture
def folder(world, tmp_path):
    def make(**sizes):
        files.export_folder(world().repository(**sizes), tmp_path / "known", sources.origin())
        return tmp_path / "known"

    return make


def alike(one, other):
    for name in ("tasks", "results"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert list(mine.columns) == list(theirs.columns)
        assert (mine.dtypes == theirs.dtypes).all()
        assert mine.equals(theirs)
    return one.digest == other.digest


def test_what_was_read_before_is_the_same(folder, cache, monkeypatch):
    known = folder(sources=2, settings=4, seeds=2)
    first = kept.load_kept(known)
    assert cache.is_file()
    monkeypatch.setattr(kept, "load", None)  # it would be read anew
    again = kept.load_kept(known)
    assert alike(again, first)
    assert alike(again, files.load(known))
    again.__dict__.pop("digest")
    assert again.digest == first.digest


def test_what_comes_along_is_kept(cache):
    known = kept.load_kept(sources.shipped_folder())
    assert alike(kept.load_kept(sources.shipped_folder()), known)


def test_another_repository_is_read_anew(folder):
    first = kept.load_kept(folder(sources=2, settings=4, seeds=2))
    second = kept.load_kept(folder(sources=3, settings=4, seeds=2))
    assert first != second
    assert alike(kept.load_kept(folder(sources=3, settings=4, seeds=2)), second)


@pytest.mark.parametrize("size", [0, 10, 2000])
def test_a_broken_cache_is_replaced(folder, cache, size):
    known = folder(sources=2, settings=4, seeds=2)
    first = kept.load_kept(known)
    whole = cache.read_bytes()
    cache.write_bytes(whole[:size])
    assert alike(kept.load_kept(known), first)
    assert cache.read_bytes() == whole


def test_a_cache_of_something_else(folder, cache):
    known = folder(sources=2, settings=4, seeds=2)
    cache.parent.mkdir(parents=True)
    np.savez(cache, numbers=np.arange(3))
    assert alike(kept.load_kept(known), files.load(known))


def test_without_a_folder_that_can_be_written(folder, cache):
    known = folder(sources=2, settings=4, seeds=2)
    cache.parent.parent.mkdir()
    cache.parent.write_text("no folder")
    assert alike(kept.load_kept(known), files.load(known))
    assert cache_folder() == cache.parent


def test_a_changed_table_is_refused_as_ever(folder):
    known = folder(sources=2, settings=4, seeds=2)
    kept.load_kept(known)
    (known / "tasks.csv").write_text("id\n")
    with pytest.raises(SweeperError, match="does not match its checksum"):
        kept.load_kept(known)


def test_a_file_that_others_can_write_is_not_believed(folder, cache, monkeypatch):
    known = folder(sources=2, settings=4, seeds=2)
    kept.load_kept(known)
    assert cache.stat().st_mode & 0o777 == 0o600
    cache.chmod(0o666)
    monkeypatch.setattr(kept, "load", lambda path: "read anew")
    monkeypatch.setattr(kept, "_packed", lambda *_: b"")
    assert kept.load_kept(known) == "read anew"
