"""Makes data of the atlas, from the checkout.

    python -m tools.atlas.sources             lists the data that can be made, and which are there
    python -m tools.atlas.sources NAME ...    makes these; `all` makes those that are missing

They need the dependency group `atlas`; the icon packs need
`npm install --prefix tools/atlas/sources`, and nouns Debian's wordnet-base. Files go below
SWEEPER_DATA, into `atlas`.
"""

import argparse
import sys
import time

from sweeper.errors import SweeperError
from tools.atlas.sources.paths import file_of
from tools.atlas.sources.sets import MAKERS


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.atlas.sources",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], "all", *MAKERS])
    names = parser.parse_args().names
    if not names:
        for name in MAKERS:
            print(f"{name:24} {'there' if file_of(name).is_file() else ''}")
    if names == ["all"]:
        names = [name for name in MAKERS if not file_of(name).is_file()]
    for name in names:
        began = time.monotonic()
        try:
            path = MAKERS[name]()
        except SweeperError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        print(f"{path}: {path.stat().st_size / 2**20:.1f} MB, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
