"""What all tests share: folders of their own, a processor core, and databases."""

import os
from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits

from sweeper import console

pytest_plugins = ["tests.support.databases"]


def pytest_configure(config: pytest.Config) -> None:
    """Give each process that runs tests, and all that it starts, a core of its own.

    Each would start as many threads as there are cores. Those that have none of them wait for it
    in loops, which made a small search cost six seconds of processor time in place of one.
    """
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})
        # NumPy is imported already, by the filters of warnings, and has counted all cores.
        threadpool_limits(1)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Folders of the tests' own: nothing is remembered for the user, and nothing waits there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """However busy the machine is, no line says that something takes a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "PATIENCE", 1e5)
        yield
