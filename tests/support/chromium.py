"""Debian's Chromium, driven by Playwright; tests that need it are left out where it is missing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: No sandbox, since the tests may run as root; nothing that talks to other hosts.
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic"),
    *("--disable-background-networking", "--disable-sync", "--disable-component-update"),
)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start it, without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def fits(page: Any) -> bool:
    """Return whether nothing of a page sticks out sideways."""
    fit: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return fit
