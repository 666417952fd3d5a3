"""Which folders lie on a network file system, as far as the system tells."""

import os
import re
import sys
from pathlib import Path

#: Types of file systems that several machines mount at once. SQLite keeps its write-ahead log's
#: index in memory that processes share, which those of two machines cannot. Left out are 9p and
#: virtiofs, which show a virtual machine or a container a folder of its own host.
_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "coda", "ceph", "glusterfs", "lustre", "gpfs"),
    *("beegfs", "panfs", "orangefs", "wekafs", "gfs2", "ocfs2"),
    *("ceph-fuse", "sshfs", "mfs", "juicefs", "rclone", "s3fs", "gcsfuse"),  # as fuse.sshfs
}

_TABLE = Path("/proc/self/mounts")


def network_file_system(folder: Path | str, table: str | None = None) -> str | None:
    """Return the type of the network file system that a folder lies on, None for any other.

    Args:
        folder: need not exist; links are followed.
        table: the mount table, as Linux writes it in /proc/self/mounts, which is read unless given.
            Elsewhere than on Linux nothing is known, and None returned.
    """
    if table is None:
        if sys.platform != "linux":
            return None
        try:
            table = _TABLE.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None
    path = os.path.realpath(folder)
    nearest, kind = "", ""
    for line in table.split("\n"):
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = _plain(fields[1])
        # The last of equal ones: what is mounted over another hides it.
        if len(point) >= len(nearest) and _is_under(path, point):
            nearest, kind = point, fields[2]
    return kind if kind.removeprefix("fuse.") in _NETWORK else None


def _plain(field: str) -> str:
    """Return a field of the table without its escapes: spaces, for one, stand there as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)


def _is_under(path: str, point: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")
