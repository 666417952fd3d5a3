"""Pages in Chromium, for every test of them."""

import pytest

from tests.support.chromium import chromium


@pytest.fixture
def open_page(address):
    """Open pages of a width in a color scheme; nothing may be reported in the console."""
    with chromium() as browser:
        troubles = []

        def opened(path, width, scheme="light"):
            page = browser.new_page(
                viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=address
            )
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on(
                "console", lambda said: troubles.append(said.text) if said.type == "error" else 0
            )
            # The first page waits for what recommendations learn from.
            page.set_default_navigation_timeout(120_000)
            page.goto(path)
            return page

        yield opened
        assert troubles == []
