import gzip
import hashlib
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from sweeper.errors import SweeperError
from sweeper.repository import archive, files
from sweeper.repository.records import Repository

RESULTS, TASKS = files.RESULTS, files.TASKS


@pytest.fixture(scope="module")
def repository(world):
    return world().repository(sources=2, settings=4, seeds=2)


@pytest.fixture
def file(repository, tmp_path):
    path = tmp_path / "known.zip"
    files.export(repository, path, {"machine": "two cores"}, {"f0": "moves the margin"})
    return path


def members(path):
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def write(path, content):
    """Write members with the checksums that they have."""
    provenance = json.loads(content[files.PROVENANCE])
    for name in files.TABLES:
        provenance["sha256"][name] = hashlib.sha256(content[name]).hexdigest()
    path.write_bytes(archive.pack({**content, files.PROVENANCE: json.dumps(provenance).encode()}))


def changed(path, member, change):
    """Change the text of a member, its checksum with it."""
    content = members(path)
    text = gzip.decompress(content[member]) if member == RESULTS else content[member]
    text = change(text.decode()).encode()
    write(path, {**content, member: gzip.compress(text) if member == RESULTS else text})


def refusal(path):
    with pytest.raises(SweeperError) as caught:
        files.load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message


def test_what_is_exported_is_loaded_to_the_last_bit(repository, file, tmp_path):
    assert files.load(file) == repository
    files.export_folder(repository, tmp_path / "folder")
    assert files.load(tmp_path / "folder") == repository
    assert sorted(p.name for p in (tmp_path / "folder").iterdir()) == sorted(
        [*files.TABLES, files.PROVENANCE]
    )


def test_awkward_numbers_and_names_survive(repository, tmp_path):
    tasks = repository.tasks.assign(dataset='digits[classes="0,1"]', f0=[0.1 + 0.2, 1e-300])
    results = repository.results.assign(seed=2**62 + 1, lr=1 / 3).drop_duplicates(
        ["task", "m2", "scale"]
    )
    awkward = Repository(tasks, results)
    files.export(awkward, tmp_path / "f.zip")
    assert files.load(tmp_path / "f.zip") == awkward


def test_the_same_content_gives_the_same_bytes(repository, file, tmp_path):
    again = Repository(repository.tasks, repository.results.sample(frac=1, random_state=3))
    files.export(again, tmp_path / "b", {"machine": "two cores"}, {"f0": "moves the margin"})
    assert (tmp_path / "b").read_bytes() == file.read_bytes()


def test_the_dictionary_describes_every_column(repository, file):
    content = members(file)
    dictionary = pd.read_csv(io.BytesIO(content[files.DICTIONARY]), keep_default_na=False)
    assert list(dictionary["column"]) == [*repository.tasks.columns, *repository.results.columns]
    assert (dictionary["meaning"] != "").all()
    assert dictionary.set_index("column")["meaning"]["f0"] == "moves the margin"
    assert json.loads(content[files.PROVENANCE])["origin"] == {"machine": "two cores"}


def test_an_empty_repository_and_a_feature_that_some_tasks_lack_are_read(repository, tmp_path):
    other = Repository(repository.tasks.assign(id=["x", "y"], new=1.0), repository.results.iloc[:0])
    for each in (Repository.empty(), repository.joined(other)):
        files.export(each, tmp_path / "f.zip")
        read = files.load(tmp_path / "f.zip")
        pd.testing.assert_frame_equal(read.tasks, each.tasks)
        assert len(read.results) == len(each.results)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(file, share):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    assert "cut off" in refusal(file)


def test_a_changed_byte_is_refused(file):
    whole = bytearray(file.read_bytes())
    position = whole.index(b"compact")
    whole[position] ^= 1
    file.write_bytes(bytes(whole))
    refusal(file)


def test_a_checksum_that_does_not_fit_is_refused(file):
    content = members(file)
    file.write_bytes(archive.pack({**content, TASKS: content[TASKS] + b"\n"}))
    assert "tasks.csv does not match its checksum" in refusal(file)


def test_a_later_version_is_refused(file):
    content = members(file)
    provenance = json.loads(content[files.PROVENANCE]) | {"version": files.VERSION + 1}
    file.write_bytes(archive.pack({**content, files.PROVENANCE: json.dumps(provenance).encode()}))
    assert "update sweeper" in refusal(file)


@pytest.mark.parametrize(
    "provenance", [b"", b"[]", b"{}", b"\xff", b'{"format": "other"}', b"[" * 100_000]
)
def test_a_foreign_provenance_is_refused(file, provenance):
    file.write_bytes(archive.pack({**members(file), files.PROVENANCE: provenance}))
    assert files.PROVENANCE in refusal(file)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",0.5,0.0,", ",abc,0.0,", "m2 is not a finite number"),
        (",0.5,0.0,", ",nan,0.0,", "m2 is not a finite number"),
        (",0.5,0.0,", ",99,0.0,", "m2 is out of range"),
        (",64.0,", ",-1,", "scale is out of range"),
        (",64.0,", ",0,", "scale is out of range"),
        ("arcface", "arkface", "loss is none of"),
        ("accuracy", "speed", "objective is none of"),
        (",0.0,0,", ",0.0,0.5,", "seed is not a whole number"),
        (",0.0,0,", f",0.0,{2**63},", "seed is out of range"),
        (",0.0,64.0,", ",0.3,64.0,", "arcface has no m3"),
        ("t0-0,", "unheard,", "there is no such task"),
        ("t0-0,", ",", "task is empty"),
    ],
)
def test_an_impossible_value_is_refused_with_its_row(file, old, new, message):
    text = gzip.decompress(members(file)[RESULTS]).decode()
    row = next(n for n, line in enumerate(text.splitlines(), 1) if old in line)
    changed(file, RESULTS, lambda text: text.replace(old, new, 1))
    assert f"{RESULTS} row {row}: {message}" in refusal(file)


def test_a_share_above_one_is_refused(file):
    def raise_value(text):
        lines = text.splitlines()
        lines[2] = lines[2].rsplit(",", 1)[0] + ",1.5"
        return "\n".join(lines) + "\n"

    changed(file, RESULTS, raise_value)
    assert f"{RESULTS} row 3: a share is at most 1" in refusal(file)


def test_what_comes_twice_is_refused(file):
    changed(file, RESULTS, lambda text: text + text.splitlines()[1] + "\n")
    assert "row 22: the same task, objective, setting and seed" in refusal(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("compact,64", "compact,0", 1), "row 2: embedding is out of"),
        (lambda text: text.replace("t1-0,", "t0-0,", 1), "row 3: the id is repeated"),
        (lambda text: text + "short\n", "row 4: 1 values for 16 columns"),
        (lambda text: text.replace("epochs", "ages", 1), "lacks the column 'epochs'"),
        (lambda text: text.replace("f3", "f2", 1), "has two columns with the same name"),
        (
            lambda text: text.replace("compact", "com\x00pact", 1),
            "row 2: net is empty or not printable",
        ),
        (lambda text: "", "is empty"),
        (lambda text: text.replace("compact", '"com', 1), "is not a CSV file"),
    ],
)
def test_a_broken_table_of_tasks_is_refused(file, change, message):
    changed(file, TASKS, change)
    assert f"{TASKS} {message}" in refusal(file)


def test_what_is_no_repository_is_refused(tmp_path, file):
    assert "no such file" in refusal(tmp_path / "nothing")
    (tmp_path / "text").write_text("hello")
    assert "no repository file" in refusal(tmp_path / "text")
    (tmp_path / "empty").mkdir()
    assert "provenance.json is missing" in refusal(tmp_path / "empty")
    content = members(file)
    file.write_bytes(archive.pack({**content, "../../evil": b""}))
    assert "'../../evil'" in refusal(file)
    content.pop(RESULTS)
    file.write_bytes(archive.pack(content))
    assert "each of" in refusal(file)


def test_a_member_that_swells_is_refused(file, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 2**20)
    write(file, {**members(file), RESULTS: gzip.compress(bytes(2**22))})
    assert f"{RESULTS} is larger than 1 MiB" in refusal(file)


def test_a_swelling_archive_is_refused(file, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 2**20)
    content = {**members(file), RESULTS: bytes(2**22)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, member in content.items():
            packed.writestr(name, member)
    assert f"{RESULTS} is larger than 1 MiB" in refusal(file)


def test_what_could_not_be_read_is_not_written(repository, tmp_path):
    impossible = Repository(repository.tasks, repository.results.assign(value=np.nan))
    with pytest.raises(SweeperError, match="row 2: value is not a finite number"):
        files.export(impossible, tmp_path / "f.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(repository, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SweeperError, match="cannot be written"):
        files.export(repository, tmp_path / "file" / "f.zip")


def test_a_file_with_names_of_before_is_read(repository, file, tmp_path):
    plain = repository.results["loss"] == "softmax"
    results = repository.results.copy()
    results.loc[plain, "loss"] = "normalized-softmax"
    now = Repository(repository.tasks, results)
    files.export(now, file)
    changed(file, RESULTS, lambda text: text.replace("normalized-softmax", "normalised-softmax"))
    assert "normalised-softmax" in gzip.decompress(members(file)[RESULTS]).decode()
    assert files.load(file) == now
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in members(file).items():
        (folder / name).write_bytes(content)
    assert files.load(folder) == now
