"""The pages as people use them, in Chromium: wide and narrow, light and dark, by keyboard."""

import re

import pytest

from tests.support.chromium import chromium, fits
from tests.support.sent_files import image_folder, zipped

pytestmark = pytest.mark.long


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_is_filled_in_and_the_answer_read(open_page, tmp_path, width, scheme):
    page = open_page("/sweep", width, scheme)
    assert fits(page)
    page.get_by_label("Classes").fill("200")
    page.get_by_label("Images per class").fill("40")
    page.get_by_label("Loss", exact=True).select_option("arcface")
    page.get_by_label("Term beside it").select_option("center")
    page.get_by_label("Objective").select_option("retrieval")
    page.get_by_label("Epochs").fill("20")
    page.get_by_role("button", name="Recommend").click()
    page.wait_for_url(re.compile("num_classes=200"))
    assert "samples=" not in page.url  # what was left empty
    heading = page.get_by_role("heading", level=1)
    assert re.match(r"arcface \(m2 \S+, scale \S+\)", heading.text_content())
    assert page.get_by_text("90 % interval").count() >= 1
    figure = page.get_by_role("img", name=re.compile("over plain softmax along each margin"))
    figure.locator(".main-svg").first.wait_for(timeout=30_000)
    assert figure.locator(".trace.scatter").count() >= 2
    assert (
        "losses.ArcFaceLoss(" in page.get_by_text("pytorch_metric_learning import").text_content()
    )
    assert fits(page)
    page.screenshot(path=tmp_path / "answer.png", full_page=True)
    page.get_by_text("Change the question").click()
    assert page.get_by_label("Classes", exact=True).input_value() == "200"
    assert page.get_by_label("Loss", exact=True).input_value() == "arcface"


@pytest.mark.parametrize("width", [1280, 400])
def test_a_file_is_chosen_and_the_answer_read(open_page, tmp_path, width):
    path = zipped(image_folder(tmp_path / "mine"), tmp_path / "mine.zip")
    page = open_page("/sweep", width)
    page.get_by_label("Or a file").set_input_files(path)
    page.get_by_label("Loss", exact=True).select_option("cosface")
    page.get_by_label("Epochs").fill("7")
    page.get_by_role("button", name="Recommend").click()
    page.wait_for_url(re.compile(r"/sweep/answers/[\w-]{43}$"))
    assert fits(page)
    page.screenshot(path=tmp_path / "measuring.png", full_page=True)
    page.get_by_role("heading", name="What was read of mine.zip").wait_for(timeout=120_000)
    assert page.get_by_text("48 samples of 4 classes were read").count() == 1
    assert "cosface" in page.get_by_role("heading", level=1).text_content()
    figure = page.get_by_role("img", name=re.compile("over plain softmax along each margin"))
    figure.locator(".main-svg").first.wait_for(timeout=30_000)
    assert fits(page)
    page.screenshot(path=tmp_path / "answer.png", full_page=True)
    page.get_by_text("Change the question").click()
    assert page.get_by_label("Epochs").input_value() == "7"


def test_the_form_is_filled_in_by_keyboard_alone(open_page):
    page = open_page("/sweep", 1280)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("50")
    page.keyboard.press("Tab")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("num_classes=50&per_class=20"))
    assert "combined" in page.get_by_role("heading", level=1).text_content()


def test_lines_are_copied(open_page):
    page = open_page("/sweep?num_classes=50&per_class=20", 1280)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("sweeper recommend ")


@pytest.mark.parametrize("width", [1280, 400])
def test_from_the_repository_to_a_task(open_page, width):
    page = open_page("/sweep/repository", width)
    assert fits(page)
    page.get_by_role("link", name=re.compile("^Classes")).click()
    column = page.get_by_role("columnheader", name=re.compile("^Classes"))
    assert column.get_attribute("aria-sort") == "ascending"
    page.get_by_role("link", name=re.compile("^Classes")).click()
    assert column.get_attribute("aria-sort") == "descending"
    page.locator("tbody a").first.click()
    page.get_by_role("heading", name="Best for accuracy").wait_for()
    assert fits(page)


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_map_to_a_task(open_page, tmp_path, width, scheme):
    page = open_page("/sweep/repository", width, scheme)
    page.get_by_role("link", name="the gain over plain softmax").click()
    figure = page.get_by_role("img", name=re.compile("^Map of .* tasks"))
    figure.locator(".main-svg").first.wait_for(timeout=30_000)
    assert fits(page)
    page.screenshot(path=tmp_path / "map.png")
    point = figure.locator(".points path").first
    figure.scroll_into_view_if_needed()
    box = point.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    name = figure.locator(".hoverlayer .hovertext tspan").first.text_content()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile("/sweep/repository/."))
    assert page.get_by_role("heading", level=1).text_content() == name


@pytest.mark.parametrize("width", [1280, 400])
def test_from_the_studies_to_the_dashboard(open_page, width):
    page = open_page("/sweep", width)
    page.get_by_role("link", name="Studies").click()
    assert fits(page)
    page.get_by_role("link", name="mine").click()
    figure = page.get_by_role("img", name=re.compile("response-accuracy"))
    figure.locator(".main-svg").first.wait_for(timeout=30_000)
    assert fits(page)
    page.get_by_role("link", name="Workers").click()
    assert page.get_by_text("cuda:1").count() == 1
    assert fits(page)
    page.go_back()
    page.get_by_role("link", name="Open in the dashboard").click()
    page.get_by_text("mine", exact=False).first.wait_for(timeout=30_000)


def test_logging_in(served_file, run_server):
    secret = "a secret of the team"
    with run_server(served_file, token=secret) as (_, address, _), chromium() as browser:
        page = browser.new_page(base_url=address)
        page.goto("/sweep/studies")
        page.get_by_label("Token").fill("not the secret")
        page.get_by_role("button", name="Log in").click()
        assert page.get_by_role("alert").text_content() == "That is not the token."
        page.get_by_label("Token").fill(secret)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("heading", name="Studies").wait_for()
        page.goto("/dashboard")
        page.get_by_text("mine", exact=False).first.wait_for(timeout=30_000)
