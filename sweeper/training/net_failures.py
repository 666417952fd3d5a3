"""What a net of the user's own raises, in one line."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from sweeper.errors import SweeperError
from sweeper.training.fused_trainer import Interrupted
from sweeper.training.out_of_memory import is_out_of_memory

_TORCH = str(Path(torch.__file__).parent)


@contextmanager
def net_failures(net: str) -> Iterator[None]:
    """Turn what a user's net raises into a SweeperError that says where; leave the rest alone.

    Args:
        net: the name of the net that is run inside.
    """
    try:
        yield
    except (SweeperError, Interrupted):
        raise
    except Exception as error:
        if ":" not in net or is_out_of_memory(error):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        place = next(frame for frame in reversed(frames) if not frame.filename.startswith(_TORCH))
        said = " ".join(str(error).split())
        raise SweeperError(
            f"net {net!r} failed: {type(error).__name__}: {said} "
            f"({Path(place.filename).name}, line {place.lineno})"
        ) from error
