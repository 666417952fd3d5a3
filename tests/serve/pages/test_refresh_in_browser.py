"""Pages that keep themselves up to date, in Chromium."""

import httpx
import pytest

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.store import open_database
from tests.serve.conftest import fill, make_study
from tests.support.chromium import chromium

pytestmark = pytest.mark.long

#: Milliseconds within which a page is refreshed: it looks every five seconds.
SOON = 15_000

HIDE = "Object.defineProperty(document, 'hidden', {get: () => %s, configurable: true})"
SHOW = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def study(served_file):
    """A study that is begun, and gone after the test."""
    with open_database(served_file) as database:
        yield fill(make_study(database, name="begun", n_trials=9))
        for summary in store.list_studies(database):
            if summary.study.name != "mine":
                store.delete_study(database, summary.study)


def focused(page):
    return page.evaluate("document.activeElement.textContent")


def test_a_studys_page_follows_its_trials_until_it_is_finished(open_page, study):
    page = open_page("/sweep/studies/begun", 1280)
    page.get_by_role("button", name="Stop").focus()
    figure = page.get_by_role("img", name="response-accuracy")
    figure.locator(".main-svg").first.wait_for(timeout=30_000)
    page.evaluate("document.querySelector('[data-figure]').mine = true")
    before = figure.locator(".points path").count()
    study.add(Setting("arcface", m2=0.2, scale=20.0), accuracy=(0.98, 0.98))
    page.get_by_text("4 complete trials, best first").wait_for(timeout=SOON)
    assert page.locator("tbody tr").first.text_content().split("arcface")[0].strip() == "trial 3"
    assert focused(page) == "Stop"
    assert page.evaluate("document.querySelector('[data-figure]').mine")  # not made anew
    assert figure.locator(".points path").count() > before
    store.set_n_trials(study.database, study.stored.id, 4)
    page.get_by_text("4 of 4").wait_for(timeout=SOON)
    assert page.get_by_role("button", name="Stop").count() == 0
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(7000)
    assert asked == []


def test_the_list_of_studies_keeps_the_focus_where_it_was(open_page, study):
    page = open_page("/sweep/studies", 400)
    page.get_by_role("link", name="begun").focus()
    name = study.stored.spec.replace('"name":"begun"', '"name":"another"')
    fill(make_study(study.database, name="aaa"))
    page.get_by_role("link", name="aaa").wait_for(timeout=SOON)
    assert focused(page) == "begun"
    store.rename_study(study.database, study.stored, "another", name)
    page.get_by_role("link", name="another").wait_for(timeout=SOON)
    assert focused(page) == "another"
    assert page.get_by_role("link", name="begun").count() == 0


def test_a_page_that_nobody_sees_asks_for_nothing(open_page, study):
    page = open_page("/sweep/studies/begun", 1280)
    page.evaluate(HIDE % "true")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    study.add(Setting("arcface", m2=0.2, scale=20.0), accuracy=(0.98, 0.98))
    page.wait_for_timeout(7000)
    # A busy browser asks for the icon late.
    assert [url for url in asked if "/static/" not in url] == []
    page.evaluate(HIDE % "false")
    page.evaluate(SHOW)
    page.get_by_text("4 complete trials, best first").wait_for(timeout=4000)


def test_open_details_stay_open(open_page, study):
    """No page that is refreshed has details yet; what htmx is told keeps them."""
    page = open_page("/sweep/studies/begun", 1280)
    page.evaluate(
        """() => {
            const details = document.createElement("details");
            details.innerHTML = "<summary>More</summary>";
            details.open = true;
            const fresh = document.getElementById("refreshed").cloneNode(true);
            fresh.prepend(details.cloneNode(true));
            fresh.querySelector("details").open = false;
            document.getElementById("refreshed").prepend(details);
            return htmx.swap({
                target: "#refreshed", swap: "outerMorph", text: fresh.outerHTML,
            });
        }"""
    )
    assert page.evaluate("document.querySelector('details').open")


def test_a_deleted_study_is_told_to_be_gone(address, study):
    with chromium() as browser:
        page = browser.new_page(base_url=address)
        page.goto("/sweep/studies/begun")
        store.delete_study(study.database, study.stored)
        page.get_by_role("heading", name="Not Found").wait_for(timeout=SOON)
        page.get_by_text("unknown study 'begun'").wait_for()


def test_a_server_that_is_gone_is_told(served_file, run_server):
    with chromium() as browser, run_server(served_file) as (process, address, _):
        page = browser.new_page(base_url=address)
        page.goto("/sweep/workers")
        assert httpx.get(f"{address}/sweep/workers").status_code == 200
        page.evaluate("seen = new Date(2026, 0, 1, 3, 4, 5)")  # no good answer comes after it
        process.kill()
        page.get_by_text("The server has not answered since 3:04:05").wait_for(timeout=SOON)
        assert page.get_by_role("heading", name="Workers").count() == 1
