"""The pages of a study as people see them, in Chromium."""

import pytest

from tests.support.chromium import chromium


@pytest.mark.long
def test_the_note_and_the_figures_are_seen(address, tmp_path):
    troubles = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else 0)
        page.on("response", lambda one: troubles.append(one.url) if one.status >= 400 else 0)
        page.goto(f"{address}/dashboard")
        page.get_by_text("mine", exact=False).first.click()
        for name in ("response-accuracy", "curves"):
            figure = page.locator(f"[id='user-defined-plot:{name}']")
            figure.locator(".main-svg").first.wait_for(timeout=30_000)
            box = figure.bounding_box()
            assert box["width"] > 500
            assert "mine" in figure.locator(".gtitle").first.text_content()
        response = page.locator("[id='user-defined-plot:response-accuracy']")
        # Two panels and the map have three trials each; best trial and controls stand in the key.
        assert response.locator(".trace.scatter .point").count() >= 9
        assert "best, trial 1" in response.locator(".legend").text_content()
        page.screenshot(path=tmp_path / "study.png", full_page=True)
        page.goto(f"{address}/dashboard/studies/1/note")
        page.get_by_text("Which m2 and scale of the arcface loss").wait_for(timeout=30_000)
        assert page.locator("table").count() == 2
        assert page.get_by_text("94.0 ± 1.4 %").count() == 1
        page.screenshot(path=tmp_path / "note.png", full_page=True)
    assert troubles == []
    assert (tmp_path / "study.png").stat().st_size > 10_000
