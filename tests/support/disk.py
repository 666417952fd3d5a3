"""A small disk, which can be full."""

import os
import subprocess
from pathlib import Path


class Disk:
    """Mounted on entering, unmounted on leaving.

    `why_not` says why there is none here, where that is so: then it is a folder that is never full.
    """

    def __init__(self, folder: Path, kilobytes: int = 64) -> None:
        self.folder, self.kilobytes = folder, kilobytes
        self.why_not = "" if os.geteuid() == 0 else "only root may mount one"

    def __enter__(self) -> "Disk":
        self.folder.mkdir(parents=True)
        if not self.why_not:
            size = f"size={self.kilobytes}k"
            mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(self.folder)]
            try:
                subprocess.run(mount, check=True, capture_output=True, text=True)
            except (OSError, subprocess.CalledProcessError) as error:
                self.why_not = str(getattr(error, "stderr", "") or error).strip()
        return self

    def __exit__(self, *_: object) -> None:
        if not self.why_not:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def grow(self, kilobytes: int) -> None:
        """Make it larger; what lies on it stays."""
        size = f"remount,size={kilobytes}k"
        subprocess.run(["mount", "-o", size, str(self.folder)], check=True)

    def fill(self) -> None:
        """Leave no room."""
        with (self.folder / "full").open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def empty(self) -> None:
        """Make room again."""
        (self.folder / "full").unlink(missing_ok=True)
