"""Every page passes axe-core's check in Chromium: wide and narrow, light and dark."""

import re

import pytest

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.store import TrialRecord, open_database
from tests.serve.conftest import fill, make_study
from tests.support.axe import faults
from tests.support.chromium import chromium, fits
from tests.support.sent_files import image_folder, zipped

pytestmark = pytest.mark.long

#: The pages that have an address, with studies in every state.
PAGES = (
    "/sweep",
    "/sweep?num_classes=1&per_class=40",  # a mistake
    "/sweep?num_classes=40&per_class=25&loss=any&beside=center&net=lenet",
    "/sweep?num_classes=40&per_class=25&objective=retrieval&loss=arcface",
    "/sweep?num_classes=100000&per_class=1000",  # far from everything known
    "/sweep/repository?sort=classes&down=1",
    "/sweep/repository?objective=compactness&color=gain",
    "/sweep/studies",
    "/sweep/studies/mine",
    "/sweep/studies/paused",
    "/sweep/studies/begun",
    "/sweep/studies/done",
    "/sweep/rename/mine",
    "/sweep/delete/mine",
    "/sweep/delete/paused",
    "/sweep/workers",
    "/sweep/studies/unknown",
)

LOOKS = pytest.mark.parametrize(
    ("width", "scheme"), [(w, s) for w in (1280, 400) for s in ("light", "dark")]
)


@pytest.fixture(scope="module")
def address(served_file, run_server):
    with open_database(served_file) as database:
        paused = fill(make_study(database, name="paused", n_trials=9))
        failed = TrialRecord(Setting("arcface"), "failed", number=3, cause="out of memory")
        store.record_trial(database, paused.stored.id, failed, paused.stored.split)
        store.set_state(database, paused.stored.id, "paused")
        fill(make_study(database, name="done", n_trials=3))
        make_study(database, name="begun")
    with run_server(served_file) as (_, found, _):
        yield found


@pytest.fixture
def looked_at(address, width, scheme):
    """A page in a browser of a width in a color scheme."""
    with chromium() as browser:
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme, base_url=address)
        page.set_default_navigation_timeout(120_000)
        yield page


def faults_at(page, path):
    """Open a page, and all that can be opened in it, and check it."""
    page.goto(path)
    if page.locator("[data-figure]").count():
        page.locator(".main-svg").first.wait_for(timeout=30_000)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    return [*faults(page), *([] if fits(page) else [f"{path}: sticks out sideways"])]


@LOOKS
def test_every_page_is_accessible(looked_at):
    found = [fault for path in PAGES for fault in faults_at(looked_at, path)]
    looked_at.goto("/sweep/repository")
    task = looked_at.locator("tbody a").first.get_attribute("href")
    assert found + faults_at(looked_at, task) == []


@LOOKS
def test_the_pages_of_a_file_are_accessible(looked_at, tmp_path):
    path = zipped(image_folder(tmp_path / "mine"), tmp_path / "mine.zip")
    looked_at.goto("/sweep")
    looked_at.get_by_label("Or a file").set_input_files(path)
    # The page that waits shows the answer as soon as it is there: not before it was checked.
    held = re.compile("/sweep/answers/.+")
    looked_at.route(
        held, lambda route: route.continue_() if is_opened(route) else route.abort("failed")
    )
    looked_at.get_by_role("button", name="Recommend").click()
    looked_at.get_by_role("heading", name="Measuring mine.zip").wait_for()
    waiting = faults(looked_at)
    looked_at.unroute(held)
    looked_at.get_by_role("heading", name="What was read of mine.zip").wait_for(timeout=120_000)
    assert waiting + faults_at(looked_at, looked_at.url) == []


def is_opened(route):
    return route.request.is_navigation_request()


@LOOKS
def test_logging_in_is_accessible(served_file, run_server, width, scheme):
    server = run_server(served_file, token="a secret of the team")
    with server as (_, address, _), chromium() as browser:
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme, base_url=address)
        found = faults_at(page, "/sweep/studies")
        page.get_by_label("Token").fill("not the secret")
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("alert").wait_for()
        assert found + faults(page) == []


def test_the_check_finds_what_is_wrong():
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(
            "<!doctype html><html lang=en><title>Wrong</title><main><h1>Wrong</h1>"
            "<p style='color: #999'>Pale</p><input><img src='data:,'></main>"
        )
        wrong = {fault.split(": ")[1] for fault in faults(page)}
    assert wrong == {"color-contrast", "label", "image-alt"}
