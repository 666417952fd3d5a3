"""Detects folders on network file systems, as far as the system tells."""

import os
import re
import sys
from pathlib import Path

#: Types of file systems that several machines can mount at once. SQLite keeps the index of its
#: write-ahead log in shared memory, which works only on one machine. 9p and virtiofs are not
#: included, because they give a virtual machine or a container access to its own host.
_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "coda", "ceph", "glusterfs", "lustre", "gpfs"),
    *("beegfs", "panfs", "orangefs", "wekafs", "gfs2", "ocfs2"),
    *("ceph-fuse", "sshfs", "mfs", "juicefs", "rclone", "s3fs", "gcsfuse"),  # as fuse.sshfs
}

_TABLE = Path("/proc/self/mounts")


def network_file_system(folder: Path | str, table: str | None = None) -> str | None:
    """Return the type of the network file system that contains a folder, None for any other.

    Args:
        folder: need not exist; links are followed.
        table: the mount table in the format of Linux's /proc/self/mounts, which is the default. On
            other systems nothing is known, and None is returned.
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
        # The last of equal mount points, because it hides the earlier ones.
        if len(point) >= len(nearest) and _is_under(path, point):
            nearest, kind = point, fields[2]
    return kind if kind.removeprefix("fuse.") in _NETWORK else None


def _plain(field: str) -> str:
    """Return a field of the table with its escapes decoded, such as \\040 for a space."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)


def _is_under(path: str, point: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")
