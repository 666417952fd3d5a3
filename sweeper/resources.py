"""Where the data folders lie: the built-in study files and the database migrations."""

from pathlib import Path
from typing import Literal

from sweeper.errors import SweeperError

_PACKAGE = Path(__file__).parent


def data_folder(name: Literal["studies", "db"]) -> Path:
    """Return the folder `name`, of an installed wheel or of a checkout.

    A wheel carries the folders inside the package, since their names are too common to claim in
    site-packages; in a checkout, and so in an editable install, they stand beside it.

    Raises:
        SweeperError: the installation is incomplete.
    """
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise SweeperError(f"this installation lacks its folder {name!r}: install sweeper again")
