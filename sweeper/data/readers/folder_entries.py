"""What lies in a folder: visible subfolders, and images that belong to no class."""

from pathlib import Path

from sweeper.data.class_names import natural
from sweeper.data.images.files import SUFFIXES
from sweeper.errors import SweeperError

#: Folders that systems and archivers put beside people's own; their images are thumbnails.
_SYSTEM = frozenset(
    {"__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found"}
)


def subfolders(path: Path) -> list[Path]:
    """Return the subfolders that are neither hidden nor the system's, in natural order.

    Raises:
        SweeperError: the folder cannot be listed.
    """
    return sorted(
        (e for e in _entries(path) if e.is_dir()), key=lambda folder: natural(folder.name)
    )


def loose_images(path: Path) -> list[Path]:
    """Return the images that lie in a folder itself."""
    return [entry for entry in _entries(path) if is_image(entry.name) and entry.is_file()]


def refuse_loose_images(path: Path) -> None:
    """Raise a SweeperError if images lie beside class folders: nobody knows their class."""
    if loose := loose_images(path):
        raise SweeperError(
            f"{path}: {len(loose):,} images are in no class folder ({loose[0].name}, ...); "
            "put them into one or move them away"
        )


def is_image(name: str) -> bool:
    """Return whether a file's name is that of an image, and not hidden."""
    return Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")


def is_visible(name: str) -> bool:
    """Return whether a file or folder is neither hidden nor the system's."""
    return not name.startswith(".") and name not in _SYSTEM


def _entries(path: Path) -> list[Path]:
    try:
        return sorted(entry for entry in path.iterdir() if is_visible(entry.name))
    except OSError as error:
        raise SweeperError(f"cannot list {path}: {error.strerror}") from None
