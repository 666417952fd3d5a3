"""The folder as somebody who opens it finds it."""

import html.parser
import json
import math
import re

import pandas as pd
import pytest

from sweeper.errors import SweeperError
from sweeper.report.page.text_table import TextTable
from sweeper.report.page.write import write_page
from sweeper.store import Confirmation
from sweeper.study.study_file import load_study
from tests.support.chromium import chromium
from tests.support.confirmations import store_confirmation


class Reader(html.parser.HTMLParser):
    """Collects ids, links, figures and text."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.figures, self.text = [], [], {}, ""
        self._inside = None
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs[name] for name in ("href", "src") if name in attrs]
        self._inside = attrs.get("data-figure", "code") if tag in ("script", "style") else None

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside is None:
            self.text += data
        elif self._inside != "code":
            self.figures[self._inside] = json.loads(data)


@pytest.fixture
def page(tmp_path, reported):
    def write(*opened):
        found = reported(*opened)
        studies = found if isinstance(found, list) else [found]
        return write_page(studies, tmp_path / "out", "sweeper report …")

    return write


def test_everything_is_there(experiment, train, page):
    opened = experiment(name="<b>&mine")
    train(opened, validation=(0.8,) * 4)
    path = page(opened)
    read = Reader(path)
    assert len(set(read.ids)) == len(read.ids)
    for link in read.links:
        assert link.startswith(("#", "data:")) or (path.parent / link).is_file(), link
    assert list(read.figures) == [
        "b-mine-response-accuracy",
        "b-mine-curves",
        "b-mine-published-accuracy",
        "b-mine-confusion",
    ]
    assert set(read.figures) <= set(read.ids)
    assert "<b>&mine" in read.text
    assert "4 of 4 settings are complete." in read.text
    assert "sweeper report …" in read.text
    assert re.search(r"seeds\s*0–5", read.text)
    folder = path.parent / "b-mine"
    names = {file.name for file in folder.iterdir()}
    tables = {
        f"{t}.{e}"
        for t in ("trials", "published", "losses", "pairs", "errors")
        for e in ("csv", "tex")
    }
    assert names == tables | {"study.toml", "seeds.csv", "curves.csv", "confusion.csv"}


def test_the_study_file_makes_the_study_again(experiment, train, page):
    opened = experiment()
    train(opened)
    again = load_study(page(opened).parent / "mine" / "study.toml")
    assert again.to_json() == opened.spec.with_loaded(again.loaded).to_json()


def test_the_data_of_the_figures(experiment, train, page):
    opened = experiment()
    train(opened)
    folder = page(opened).parent / "mine"
    trials = pd.read_csv(folder / "trials.csv")
    seeds = pd.read_csv(folder / "seeds.csv")
    assert len(seeds) == 4 * 6
    means = seeds.groupby("trial")["value"].mean()
    assert trials["accuracy"].tolist() == pytest.approx(means.tolist(), rel=1e-12)
    assert len(pd.read_csv(folder / "curves.csv")) == 4 * 6 * 2
    assert len(pd.read_csv(folder / "pairs.csv")) == 6


def test_latex_has_the_cells_and_nothing_it_cannot_set(experiment, train, page):
    opened = experiment(settings=[{"loss": "softmax", "beside": ["sigma2r"]}, {"loss": "arcface"}])
    train(opened)
    text = (page(opened).parent / "mine" / "trials.tex").read_text()
    assert text.startswith("\\begin{tabular}{ll")
    assert text.isascii()
    assert "\\toprule" in text
    assert re.search(r"90\.\d\d \$\\pm\$ 0\.\d\d \\%", text)
    assert len({line.count("&") for line in text.splitlines() if "&" in line}) == 1


def test_a_study_half_done(experiment, train, page, put):
    opened = experiment()
    train(opened, means=(0.90, 0.91))
    put(
        opened,
        3,
        "failed",
        cause="non-finite: the loss of epoch 1",
        setting=opened.spec.settings_list()[3],
    )
    text = Reader(page(opened)).text
    assert "2 of 4 settings are complete (50 %), 1 failed: the study is not finished" in text
    assert "trial 3 failed: non-finite: the loss of epoch 1" in text
    assert "not trained yet" in text


def test_a_study_that_has_nothing_yet(experiment, page):
    read = Reader(page(experiment()))
    assert "0 of 4 settings are complete (0 %): the study is not finished" in read.text
    assert read.figures == {}


def test_a_search(make_study, put, page):
    opened = make_study()
    for number, value in enumerate((0.5, 0.7, 0.6)):
        put(opened, number, values={"accuracy": [value, value + 0.1]})
    put(opened, "softmax", values={"accuracy": [0.4, 0.5]})
    read = Reader(page(opened))
    assert "The first is selected among 3 trials" in read.text
    assert f"sweeper confirm mine{opened.database.option}" in read.text
    assert "Confirmation with new seeds" not in read.text


def test_a_search_that_is_confirmed(make_study, put, page):
    opened = make_study()
    for number, value in enumerate((0.5, 0.7, 0.6)):
        put(opened, number, values={"accuracy": [value, value + 0.1]})
    put(opened, "softmax", values={"accuracy": [0.4, 0.5]})
    values = {
        1: {"validation": {"accuracy": {4: 0.7, 5: 0.8}}, "test": {"accuracy": {4: 0.6, 5: 0.7}}},
        0: {"validation": {"accuracy": {4: 0.5, 5: 0.6}}},
        "softmax": {
            "validation": {"accuracy": {4: 0.4, 5: 0.5}},
            "test": {"accuracy": {4: 0.301, 5: 0.399}},
        },
    }
    store_confirmation(opened.database, opened.stored.id, Confirmation(1, 2, values))
    path = page(opened)
    text = Reader(path).text
    assert "trial 1, the winner" in text
    assert "winner minus softmax, test accuracy: +30.00 points" in text
    assert "sweeper confirm mine" not in text
    assert text.count("beat plain softmax") == 1
    assert "exported" not in text
    table = pd.read_csv(path.parent / "mine" / "confirmation.csv", dtype={"trial": str})
    stored = {
        (label if isinstance(label, str) else f"trial {label}", seed, split): value
        for label, splits in values.items()
        for split, measures in splits.items()
        for seed, value in measures["accuracy"].items()
    }
    rows = table.set_index(["trial", "seed", "split"])["value"]
    assert rows.to_dict() == stored


def test_a_confirmed_control_of_which_no_training_ended(make_study, put, page):
    """A loss that diverges everywhere is confirmed, too, and has no complete control."""
    opened = make_study()
    for number, value in enumerate((0.5, 0.7)):
        put(opened, number, values={"accuracy": [value, value + 0.1]})
    put(opened, "softmax", "failed", cause="non-finite: the loss of epoch 1")
    lost = {"accuracy": {4: math.nan, 5: math.nan}}
    values = {
        1: {"validation": {"accuracy": {4: 0.7, 5: 0.8}}, "test": {"accuracy": {4: 0.6, 5: 0.7}}},
        "softmax": {"validation": lost, "test": lost},
    }
    store_confirmation(opened.database, opened.stored.id, Confirmation(1, 2, values))
    text = Reader(page(opened)).text
    assert "softmax: diverged with seed 4, 5" in text
    assert "trial 1, the winner" in text


def test_an_interval_of_two_seeds_stays_within_what_is_possible(make_study, put, page):
    opened = make_study()
    put(opened, 0, values={"accuracy": [0.8, 0.99]})
    assert "0.00 to 100.00 %" in Reader(page(opened)).text


def test_latex_sets_minus_signs():
    frame = pd.DataFrame()
    rows = [["m2 -0.35, lr 1e-05", "all-in-one"], ["-1.5", "3-4"]]
    latex = TextTable("t", "T", ("a", "b"), rows, frozenset(), frame).to_latex()
    assert "m2 $-$0.35, lr 1e-05 & all-in-one" in latex
    assert "$-$1.5 & 3-4" in latex


def test_several_studies(experiment, train, page):
    one, other = experiment(), experiment(name="other", epochs=3)
    train(one, validation=(0.8,) * 4)
    train(other, validation=(0.8,) * 4)
    path = page(one, other)
    read = Reader(path)
    assert len(set(read.ids)) == len(read.ids)
    assert {"#mine", "#other"} <= set(read.links)
    assert "mine and other differ in more than their settings: epochs 2 and 3." in read.text
    assert {"studies.csv", "side-by-side.tex", "losses.csv"} <= {
        f.name for f in path.parent.iterdir()
    }


def test_a_folder_that_cannot_be_written(experiment, reported, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(SweeperError, match="out is a file; give a folder with -o"):
        write_page([reported(experiment())], tmp_path / "out", "")


@pytest.mark.long
def test_in_a_browser_without_a_network(experiment, train, page, tmp_path):
    opened = experiment()
    train(opened, validation=(0.8,) * 4)
    path = page(opened)
    said, asked = [], []
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 420, "height": 800})
        tab.set_default_timeout(240_000)
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(path.as_uri())
        figures = tab.locator(".plot")
        tab.wait_for_function("document.querySelectorAll('.plot .main-svg').length >= 4")
        assert figures.count() == 4
        # Nothing but tables and figures scrolls sideways.
        assert tab.evaluate("document.documentElement.scrollWidth") <= 420
        with tab.expect_download() as begun:
            tab.locator(".plot .modebar-btn[data-title*='ownload']").first.click()
        begun.value.save_as(tmp_path / "figure.svg")
    assert said == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    assert (tmp_path / "figure.svg").read_text().lstrip().startswith("<svg")
