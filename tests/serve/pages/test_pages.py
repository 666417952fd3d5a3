"""The pages as a browser gets them, from a real server."""

import html
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from sweeper.cli import main
from sweeper.console import rounded
from sweeper.repository import sources

PAGE = {"accept": "text/html"}
QUESTION = {"num_classes": "40", "per_class": "25", "loss": "arcface", "net": "lenet"}


def text_of(answer):
    assert answer.headers["content-type"].startswith("text/html")
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


def test_the_form_asks_for_the_plan(client):
    answer = client.get("/sweep", headers=PAGE)
    fields = set(re.findall(r'<(?:input|select) id="(\w+)"', answer.text))
    assert fields == {
        *("num_classes", "per_class", "file", "objective", "loss", "beside", "start", "net"),
        *("epochs", "samples", "batch_size", "lr", "embedding"),
    }
    for field in fields:
        assert f'<label for="{field}">' in answer.text
    assert f"{len(sources.shipped().tasks)} tasks" in text_of(answer)


def test_the_answer_says_what_the_api_says(client):
    answer = client.get("/sweep", params=QUESTION, headers=PAGE)
    assert answer.status_code == 200
    said = text_of(answer)
    plan = {"num_classes": 40, "per_class": 25, "net": "lenet"}
    sent = {"plan": plan, "loss": "arcface"}
    found = client.post("/sweep/api/v1/recommend", json=sent).json()
    best = found["recommended"]
    heading = f"arcface (m2 {best['m2']:.3g}, scale {best['scale']:.3g})"
    assert f'<h1 id="recommended">{heading}</h1>' in answer.text
    assert rounded(100 * found["gain"]["mean"], "+.1f") + " points" in said
    assert "The shaded range is as good within noise, at most " in answer.text
    for part in (found["nearest"], found["baselines"]):
        for each in part:
            assert (each.get("task") or each["name"]) in said
    for name, (low, high) in found["as_good"].items():
        assert re.search(
            rf"{name}\b.*\s{re.escape(f'{low:.3g}')}\s+{re.escape(f'{high:.3g}')}", said
        )
    for note in found["notes"]:
        assert note.replace("`", " ")[:40] in said


def test_any_loss_and_a_term_may_be_asked_for(client):
    asked = {**QUESTION, "loss": "any", "beside": "center"}
    answer = client.get("/sweep", params=asked, headers=PAGE)
    assert answer.status_code == 200
    said = text_of(answer)
    sent = {
        "plan": {"num_classes": 40, "per_class": 25, "net": "lenet"},
        "loss": "any",
        "beside": ["center"],
    }
    found = client.post("/sweep/api/v1/recommend", json=sent).json()
    for each in found["losses"]:
        assert rounded(100 * each["gain"]["mean"], "+.1f") + " points" in said
    assert "center:" in said
    assert found["terms"][0]["term"] == "center"
    assert "--loss any --beside center" in said
    unknown = client.get("/sweep", params={**asked, "beside": "centre"}, headers=PAGE)
    assert unknown.status_code == 422


def test_empty_fields_leave_the_address(client):
    answer = client.get("/sweep", params={**QUESTION, "epochs": "", "start": " "}, headers=PAGE)
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {
        name: [value] for name, value in QUESTION.items()
    }


def test_numbers_may_be_written_as_people_do(client):
    asked = {"num_classes": "1,000", "per_class": "1e2"}
    assert "1,000 classes of 100 images" in text_of(client.get("/sweep", params=asked))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"num_classes": "1"}, "Classes"),
        ({"num_classes": "many"}, "Please correct “Classes”: write a whole number."),
        ({"num_classes": "1e400"}, "Classes"),
        ({"per_class": "nan"}, "Please correct “Images per class”: write a number."),
        ({"net": "a:b"}, "Net"),
        ({"epochs": "2.5"}, "Please correct “Epochs”: write a whole number."),
        ({"lr": "-1"}, "Learning rate"),
        ({"objective": "speed"}, "unknown objective"),
        ({"epochs": "3", "samples": "5"}, "give one of them"),
        ({"loss": "arcfase"}, "did you mean arcface"),
        ({"net": "mlp", "start": "scratch"}, "start"),
    ],
)
def test_a_mistake_is_told_beside_what_was_filled_in(client, change, said):
    answer = client.get("/sweep", params={**QUESTION, **change}, headers=PAGE)
    assert answer.status_code == 422
    alert = re.search(r'role="alert">([^<]*)<', answer.text)[1]
    assert said in html.unescape(alert)
    assert 'value="25"' in answer.text or "per_class" in change


def test_what_is_sent_is_shown_as_text(client):
    evil = '"><script>alert(1)</script>'
    answer = client.get("/sweep", params={**QUESTION, "net": evil}, headers=PAGE)
    assert "<script>alert" not in answer.text
    answer = client.get(f"/sweep/studies/{evil}", headers=PAGE)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_no_page_has_a_script_of_its_own(client):
    for path in ("/sweep", "/sweep?num_classes=9&per_class=9", "/sweep/studies/mine"):
        text = client.get(path, headers=PAGE).text
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script or 'type="application/json"' in script
        assert not re.search(r"\son\w+=", text)
        assert not re.search(r"(src|href)=\"https?:", text)


def test_plotly_comes_from_here_once(client):
    page = client.get("/sweep", params=QUESTION).text
    script = re.search(r'src="(/sweep/static/plotly[^"]*)"', page)[1]
    answer = client.get(script)
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert "plotly.js" in answer.text[:2000]
    plain = client.get(script, headers={"accept-encoding": "identity"})
    assert plain.content.decode() == answer.text


def test_tasks_are_sorted_by_the_column_asked_for(client):
    def classes(**query):
        text = client.get("/sweep/repository", params=query, headers=PAGE).text
        rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", text, re.DOTALL)
        return [int(re.findall(r'"number">([\d,]+)<', row)[0].replace(",", "")) for row in rows]

    up, down = classes(sort="classes"), classes(sort="classes", down="1")
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)
    assert sorted(classes(sort="nonsense", objective="odd")) == up
    assert 0 < len(classes(objective="retrieval")) < len(up)


def rows(client, **query):
    """The rows of the repository's table: link, text of every cell."""
    text = client.get("/sweep/repository", params=query, headers=PAGE).text
    for row in re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", text, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        link = html.unescape(re.search(r'href="([^"]*)"', cells[0])[1])
        yield link, [html.unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in cells]


@pytest.mark.parametrize("objective", ["accuracy", "compactness"])
@pytest.mark.parametrize("color", ["scale", "gain", "odd"])
def test_the_table_says_what_the_map_shows(client, objective, color):
    query = {"objective": objective, "color": color}
    text = client.get("/sweep/repository", params=query, headers=PAGE).text
    content = re.search(r'<script type="application/json" id="task-map">(.*?)</script>', text)[1]
    figure = json.loads(content)
    points = {}
    for trace in figure["data"]:
        for link, task, best, gain in trace.get("customdata", ()):
            points[link] = (html.unescape(task), best, gain)
    table = dict(rows(client, **query))
    assert points.keys() == table.keys()
    for link, (task, best, gain) in points.items():
        cells = table[link]
        assert cells[0].split(" yours")[0] == task
        assert cells[7] == best
        assert gain.startswith(cells[6])
        assert client.get(link).status_code == 200 or link != next(iter(points))
    said = figure["layout"]["coloraxis"]["colorbar"]["title"]["text"]
    assert said.startswith("gain" if color == "gain" else "best scale")
    link = {"scale": "gain", "odd": "gain", "gain": "scale"}[color]
    assert f"color={link}#map" in text


def test_tasks_are_sorted_by_their_gain(client):
    gains = [
        float(cells[6].split()[0])
        for _, cells in rows(client, sort="gain", down="1")
        if cells[6] != "–"
    ]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > 1


def test_every_task_has_a_page(client):
    text = client.get("/sweep/repository", headers=PAGE).text
    links = [html.unescape(link) for link in re.findall(r'href="(/sweep/repository/[^"]*)"', text)]
    for link in links[::10]:
        answer = client.get(link, headers=PAGE)
        assert answer.status_code == 200
        assert "Best for accuracy" in answer.text
        assert "accuracy_1nn" in answer.text


def test_the_studies_page_has_progress_and_the_best_beside_the_controls(client):
    said = " ".join(text_of(client.get("/sweep/studies", headers=PAGE)).split())
    assert "mine accuracy 3/4 (1 running)" in said
    assert "91.0 ± 1.4 %" in said  # softmax
    assert "arcface 83.0 ± 4.2 %" in said
    assert "94.0 ± 1.4 % arcface (m2 0.3, scale 16)" in said


def test_a_studys_page_has_its_trials_and_leads_into_the_dashboard(client):
    answer = client.get("/sweep/studies/mine", headers=PAGE)
    said = " ".join(text_of(answer).split())
    assert "3 complete trials, best first" in said
    assert said.index("trial 1 arcface (m2 0.3, scale 16)") < said.index("trial 2 arcface")
    assert client.get(re.search(r'href="(/dashboard/[^"]*)"', answer.text)[1]).status_code == 200
    assert 'id="response-accuracy"' in answer.text


def test_a_studys_page_says_what_the_command_says_of_the_search(client, served_file, capsys):
    said = text_of(client.get("/sweep/studies/mine", headers=PAGE))
    assert main(["results", "mine", "--storage", served_file]) in (0, None)
    printed = capsys.readouterr().out.splitlines()
    expected = "after 3 trials, more would gain about 1.2 points; the standard error of"
    (gain,) = (line for line in printed if line.startswith(expected))
    assert gain in said


def test_the_workers_page_says_who_trains_what(client):
    said = " ".join(text_of(client.get("/sweep/workers", headers=PAGE)).split())
    assert "cuda:1 mine 3" in said
