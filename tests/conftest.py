"""What all tests share: folders of their own, and databases."""

from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.support.databases"]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Folders of the tests' own: nothing is remembered for the user, and nothing waits there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield
