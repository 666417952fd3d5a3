"""The clock's tables are those of the measurement, and its figure shows every task searched."""

from tools.figures import clock
from tools.pages import fill


def test_the_page_has_what_was_measured(tmp_path):
    _, outcomes = clock.load()
    page = tmp_path / "search.md"
    page.write_text(clock.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    fill(page, clock.contents(outcomes))
    assert page.read_text(encoding="utf-8") == clock.PAGE.read_text(encoding="utf-8")
    assert "figures/clock/clock.png" in page.read_text(encoding="utf-8")


def test_the_figure_has_a_panel_for_each_task_that_was_searched():
    _, outcomes = clock.load()
    searched = [found for found in outcomes if found.runs[0][0].curve]
    figure = clock.draw(outcomes)
    assert [axis.get_title() for axis in figure.axes] == [found.task for found in searched]
    assert {file.name for file in clock.FOLDER.iterdir()} == {"clock.png", "clock.svg"}
