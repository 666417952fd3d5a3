"""Renaming and deleting a study in Chromium, by its buttons and forms."""

import re

import pytest

from sweeper import store
from sweeper.store import open_database
from tests.support.chromium import fits

pytestmark = pytest.mark.long


@pytest.fixture
def nobody_on_it(served_file):
    """No worker is on the study."""
    with open_database(served_file) as database:
        study = store.find_study(database, "mine")
        store.release(database, *(lease.id for lease in store.held(database, study.id)))


@pytest.mark.parametrize("width", [1280, 400])
def test_a_study_is_renamed_and_has_its_old_name_again(open_page, width, nobody_on_it):
    page = open_page("/sweep/studies/mine", width)
    for name in ("another name", "mine"):
        page.get_by_role("link", name="Rename").click()
        assert fits(page)
        assert page.evaluate("document.activeElement.id") == "name"
        page.get_by_label("New name").fill(name)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/sweep/studies/"))
        assert page.get_by_role("heading", level=1).text_content() == name


def test_a_study_is_deleted_once_that_was_confirmed(open_page, served_file, nobody_on_it):
    page = open_page("/sweep/studies/mine", 400)
    page.get_by_role("link", name="Delete").click()
    assert fits(page)
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_text("No studies in this database yet.").wait_for()
    with open_database(served_file) as database:
        assert store.list_studies(database) == []
