"""Which folders lie on a network file system: read from mount tables as Linux writes them."""

import sys
import time

import pytest

from sweeper.errors import SweeperError
from sweeper.store import open_database
from sweeper.store.database import network_mounts
from sweeper.store.database.network_mounts import network_file_system

TABLE = r"""
/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw,relatime 0 0
/dev/vdb /data xfs rw,relatime 0 0
nas:/vol /data/shared nfs4 rw,vers=4.2,addr=10.0.0.2 0 0
/dev/vdc /data/shared/local\040disk ext4 rw 0 0
//nas/my\040runs /mnt/my\040runs cifs rw 0 0
me@host: /home/me/far fuse.sshfs rw 0 0
nas:/a /twice nfs rw 0 0
tmpfs /twice tmpfs rw 0 0
tmpfs /again tmpfs rw 0 0
10.0.0.1@tcp:/scratch /again lustre rw,flock 0 0
host /mnt/host 9p rw,trans=virtio 0 0
host /mnt/other virtiofs rw 0 0
user /mnt/user fuse.gocryptfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", None),
        ("/data", None),
        ("/data/shared", "nfs4"),
        ("/data/shared/mine/deep", "nfs4"),
        ("/data/shared-too", None),
        ("/data/shared/../mine", None),
        ("/data/shared/local disk/a", None),
        ("/mnt/my runs", "cifs"),
        ("/home/me/far/a", "fuse.sshfs"),
        ("/home/me", None),
        ("/twice/a", None),
        ("/again/a", "lustre"),
        ("/mnt/host", None),
        ("/mnt/other", None),
        ("/mnt/user", None),
    ],
)
def test_the_nearest_mount_counts(folder, kind):
    assert network_file_system(folder, TABLE) == kind


def test_the_root_itself_may_be_on_the_network():
    assert network_file_system("/home/me", "nas:/root / nfs rw 0 0\n") == "nfs"
    assert network_file_system("/home/me", "") is None


def test_a_link_leads_to_where_it_points(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far")
    table = f"/dev/vda / ext4 rw 0 0\nnas:/vol {tmp_path}/far nfs rw 0 0\n"
    assert network_file_system(tmp_path / "link", table) == "nfs"
    assert network_file_system(tmp_path, table) is None


@pytest.mark.skipif(sys.platform != "linux", reason="the mount table is Linux's")
def test_the_systems_own_table_is_read_in_no_time(tmp_path):
    assert network_file_system("/proc") is None
    assert network_file_system(tmp_path) is None, "the tests run on a network file system"
    times = []
    for _ in range(20):
        began = time.perf_counter()
        network_file_system(tmp_path)
        times.append(time.perf_counter() - began)
    assert min(times) < 1e-3


def test_elsewhere_nothing_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(network_mounts.sys, "platform", "darwin")  # type: ignore[attr-defined]
    monkeypatch.setattr(network_mounts, "_TABLE", tmp_path / "none")
    assert network_file_system(tmp_path) is None


@pytest.mark.parametrize("create", [False, True])
def test_a_database_there_is_refused(create, sqlite_url, tmp_path, monkeypatch):
    (tmp_path / "table").write_text(f"/dev/vda / ext4 rw 0 0\nnas:/vol {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(network_mounts, "_TABLE", tmp_path / "table")
    monkeypatch.setattr(network_mounts.sys, "platform", "linux")  # type: ignore[attr-defined]
    with pytest.raises(SweeperError) as raised:
        open_database(sqlite_url, create)
    line = str(raised.value)
    assert "\n" not in line
    assert "sweeper.db lies on a network file system (nfs4)" in line
    assert "use PostgreSQL" in line
    assert not (tmp_path / "sweeper.db").exists()
