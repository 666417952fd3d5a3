"""Archives: what people send is unpacked, what attackers send is refused before it is."""

import stat
import struct
import zipfile

import pytest

from sweeper.errors import SweeperError
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.zips import unpack
from tests.support.sent_files import archive_of, image_folder, png, zipped

MIB = 1024 * 1024


@pytest.fixture
def unpacked(tmp_path):
    """Unpack an archive of these files; nothing may lie outside of its folder."""

    def call(content):
        path = archive_of(tmp_path / "sent.zip", content)
        try:
            return unpack(path, tmp_path / "sent")
        finally:
            assert {each.name for each in tmp_path.iterdir()} <= {"sent.zip", "sent"}

    return call


def refused(unpacked, tmp_path, content, says):
    with pytest.raises(SweeperError, match=says):
        unpacked(content)
    assert not (tmp_path / "sent").exists()


def test_a_zipped_folder_is_as_it_was(tmp_path):
    folder = image_folder(tmp_path / "mine")
    (folder / "class 0" / "notes.txt").write_text("hers")
    found, notes = unpack(zipped(folder, tmp_path / "mine.zip"), tmp_path / "sent")
    assert found == tmp_path / "sent" / "mine"
    images = {each.relative_to(folder) for each in folder.rglob("*.png")}
    assert {each.relative_to(found) for each in found.rglob("*") if each.is_file()} == images
    for image in images:
        assert (found / image).read_bytes() == (folder / image).read_bytes()
    assert notes == ("files of the archive that are not read: mine/class 0/notes.txt",)


def test_class_folders_at_the_top_are_the_classes(unpacked):
    found, notes = unpacked({"a/1.png": png(), "b/1.png": png()})
    assert sorted(each.name for each in found.iterdir()) == ["a", "b"]
    assert notes == ()


def test_a_given_split_stays(unpacked):
    found, _ = unpacked({"train/a/1.png": png(), "train/b/1.png": png()})
    assert [each.name for each in found.iterdir()] == ["train"]


def test_what_is_no_image_is_left_out_with_its_name(unpacked):
    content = {"a/1.png": png(), "b/1.png": png(), "b/x.svg": b"<svg height='100000000'/>"}
    content |= {"b/inner.zip": b"PK", "b/run.sh": b"#!/bin/sh"}
    found, notes = unpacked(content)
    assert {each.suffix for each in found.rglob("*.*")} == {".png"}
    assert notes == ("files of the archive that are not read: b/x.svg and 2 more",)


@pytest.mark.parametrize(
    "name",
    [
        *("../x.png", "a/../../x.png", "/etc/x.png", "a//x.png", "./x.png", "a/./x.png"),
        *("C:/x.png", "..\\x.png", "a\\..\\x.png"),
    ],
)
def test_paths_that_lead_out_are_refused(unpacked, tmp_path, name):
    refused(unpacked, tmp_path, {"a/1.png": png(), name: png()}, "no path below a folder")


@pytest.mark.parametrize("name", ["a/\x1b[2Jx.png", "a/\u202egnp.png", "a/x\x00.png"])
def test_names_that_cannot_be_printed_are_refused(unpacked, tmp_path, name):
    info = zipfile.ZipInfo("a/x.png")
    info.filename = name  # as it is, where ZipInfo would cut it
    refused(unpacked, tmp_path, {"a/1.png": png(), info: png()}, "no name that can be printed")


@pytest.mark.parametrize("name", ["a/" * 12 + "x.png", f"a/{'ß' * 101}.png"])
def test_names_that_are_too_long_are_refused(unpacked, tmp_path, name):
    refused(unpacked, tmp_path, {name: png()}, "too long or too deep")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_what_is_no_file_are_refused(unpacked, tmp_path, kind):
    info = zipfile.ZipInfo("a/x.png")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    refused(unpacked, tmp_path, {"a/1.png": png(), info: b"/etc/passwd"}, "is a link or no file")


def test_a_folder_of_the_name_of_a_file_is_one_line(unpacked):
    with pytest.raises(SweeperError, match="cannot be read"):
        unpacked({"a/x.png": png(), "a/x.png/y.png": png()})


def test_two_files_of_one_name_are_refused(unpacked, tmp_path):
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a/1.png", png())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/1.png", png())
    with pytest.raises(SweeperError, match="have one name"):
        unpack(tmp_path / "twice.zip", tmp_path / "sent")


def test_a_bomb_of_zeros_is_refused_by_its_ratio(unpacked, tmp_path):
    content = {f"a/{n}.bmp": b"\0" * (8 * MIB) for n in range(4)}
    refused(unpacked, tmp_path, content, "times as large unpacked")


def test_more_than_may_be_unpacked_is_refused_by_what_the_directory_says(tmp_path, unpacked):
    path = archive_of(tmp_path / "sent.zip", {f"a/{n}.png": png() for n in range(9)})
    sizes = struct.pack("<I", 100 * MIB)
    content = bytearray(path.read_bytes())
    for at in range(len(content) - 4):
        if content[at : at + 4] == b"PK\x01\x02":
            content[at + 24 : at + 28] = sizes
    path.write_bytes(content)
    with pytest.raises(SweeperError, match="512 MiB are taken"):
        unpack(path, tmp_path / "sent")


def test_an_archive_that_holds_more_than_it_says_gives_no_more(tmp_path):
    path = archive_of(tmp_path / "sent.zip", {"a/1.bmp": b"\0" * MIB, "b/1.png": png()})
    content = path.read_bytes().replace(struct.pack("<I", MIB), struct.pack("<I", 1000))
    path.write_bytes(content)
    with pytest.raises(SweeperError, match="cannot be read"):
        unpack(path, tmp_path / "sent")
    written = [each.stat().st_size for each in (tmp_path / "sent").rglob("*") if each.is_file()]
    assert sum(written) <= 1000


def test_too_many_entries_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_SAMPLES", 5)
    path = archive_of(tmp_path / "sent.zip", {f"a/{n}.png": png() for n in range(11)})
    with pytest.raises(SweeperError, match="up to 11 entries"):
        unpack(path, tmp_path / "sent")


def test_an_encrypted_archive_is_refused(tmp_path):
    path = archive_of(tmp_path / "sent.zip", {"a/1.png": png()})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(SweeperError, match="is encrypted"):
        unpack(path, tmp_path / "sent")


def test_other_ways_to_pack_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "sent.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a/1.png", png())
    with pytest.raises(SweeperError, match="packed in an unusual way"):
        unpack(tmp_path / "sent.zip", tmp_path / "sent")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 17, b"GIF89a" * 20])
def test_what_is_no_archive_is_one_line(tmp_path, content):
    (tmp_path / "sent.zip").write_bytes(content)
    with pytest.raises(SweeperError, match="cannot be read"):
        unpack(tmp_path / "sent.zip", tmp_path / "sent")


def test_an_archive_without_images_says_what_to_put_in(unpacked, tmp_path):
    refused(unpacked, tmp_path, {"a/readme.md": b"x"}, "a folder for each class")
