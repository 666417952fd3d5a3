"""What all tests share: folders of their own, and databases."""

from collections.abc import Iterator

import pytest

from sweeper import console

pytest_plugins = ["tests.support.databases"]


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
