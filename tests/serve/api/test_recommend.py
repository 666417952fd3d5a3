"""``POST recommend`` on a real server, against the Python that the command calls."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sweeper.errors import UsageError
from sweeper.repository import sources
from sweeper.repository.given_plan import Given
from sweeper.repository.recommendation.by_numbers import Numbers, recommend_by_numbers
from sweeper.serve.question import Asked
from tests.support.recommend_schema import Answer

PATH = "/sweep/api/v1/recommend"


def test_the_answer_is_the_object_of_the_command(client):
    plan = {"num_classes": 40, "per_class": 25, "net": "lenet", "epochs": 20, "lr": 0.003}
    sent = {"plan": plan, "objective": "retrieval", "loss": "arcface"}
    answer = client.post(PATH, json=sent)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    Answer.model_validate_json(answer.content)
    numbers = Numbers(40, 25, Given(net="lenet", epochs=20, lr=0.003))
    choice = sources.stored_choice("retrieval", None)
    known = sources.shipped()
    expected = recommend_by_numbers(known, numbers, "retrieval", "arcface", choice=choice)
    assert answer.json() == json.loads(expected.to_json())
    assert answer.json()["recommended"]["lr"] == 0.003
    assert sorted(answer.json()["plan"]["given"]) == ["epochs", "lr", "net"]


def test_two_numbers_are_enough(client):
    answer = client.post(PATH, json={"plan": {"num_classes": 1_000_000, "per_class": 30}})
    assert answer.status_code == 200
    assert "by numbers alone" in answer.json()["notes"][0]


def test_measured_meta_features_count(client):
    tasks = sources.shipped().tasks
    row = tasks.iloc[20]
    features = {name: float(row[name]) for name in sources.shipped().features}
    plan = {"num_classes": int(row["num_classes"]), "per_class": 20, "net": str(row["net"])}
    answer = client.post(PATH, json={"plan": plan, "meta_features": features})
    assert not any("by numbers alone" in note for note in answer.json()["notes"])
    without = client.post(PATH, json={"plan": plan})
    assert answer.json()["nearest"] != without.json()["nearest"]


PLAN = {"num_classes": 10, "per_class": 5}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "plan"),
        ({"plan": {"num_classes": 10}}, "plan.per_class"),
        ({"plan": {**PLAN, "num_classes": 1}}, "plan.num_classes"),
        ({"plan": {**PLAN, "num_classes": 10**15}}, "plan.num_classes"),
        ({"plan": {**PLAN, "net": "os:system"}}, "plan.net"),
        ({"plan": {**PLAN, "net": "resnet18[weights=/etc/passwd]"}}, "plan.net"),
        ({"plan": {**PLAN, "net": "../x"}}, "plan.net"),
        ({"plan": {**PLAN, "start": "cold"}}, "plan.start"),
        ({"plan": {**PLAN, "more": 1}}, "plan.more"),
        ({"plan": {**PLAN, "epochs": 3, "samples": 5}}, "epochs and samples"),
        ({"plan": {**PLAN, "net": "mlp", "start": "scratch"}}, "start"),
        ({"plan": PLAN, "objective": "speed"}, "objective"),
        ({"plan": PLAN, "loss": "arcfase"}, "did you mean arcface"),
        ({"plan": PLAN, "loss": "triplet"}, "triplet"),
        ({"plan": PLAN, "meta_features": {"odd": 1}}, "unknown meta-feature"),
        ({"plan": PLAN, "meta_features": {"accuracy_1nn": 1e300}}, "meta_features.accuracy_1nn"),
        ({"plan": {**PLAN, "net": "head"}, "objective": "retrieval"}, "use the net linear or mlp"),
        ([], "not a JSON object"),
        ("text", "not a JSON object"),
        (None, "no body"),
    ],
)
def test_what_cannot_be_is_a_problem_with_a_remedy(client, sent, said):
    answer = client.post(PATH, json=sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "remedy"}
    assert said in problem["detail"]
    assert problem["remedy"]


@pytest.mark.parametrize(
    ("sent", "remedy"),
    [
        (
            {"plan": {**PLAN, "num_classes": 1}},
            "Give plan.num_classes as a whole number from 2 to 1,000,000,000 (classes trained on).",
        ),
        ({"plan": {**PLAN, "start": "cold"}}, "as one of scratch, tuned, frozen ("),
        ({"plan": {**PLAN, "lr": 0}}, "as a number above 0, up to 100 ("),
        ({"plan": {**PLAN, "more": 1}}, "Leave more out: plan has num_classes, per_class, net, "),
        ({"plan": PLAN, "objective": 3}, "as one of accuracy, retrieval, compactness, or leave"),
        ({"plan": PLAN, "beside": "center"}, "Give beside as a list of texts ("),
        ({"plan": PLAN, "meta_features": {"odd": 1e9}}, "a number from -1,000 to 1,000, or"),
        ({}, "Give plan as an object with num_classes and per_class ("),
        ([], "Send a JSON object in UTF-8 with the header Content-Type: application/json"),
    ],
)
def test_the_remedy_names_the_field_and_what_it_may_be(client, sent, remedy):
    assert remedy in client.post(PATH, json=sent).json()["remedy"]


def test_several_faults_are_told_at_once(client):
    sent = {"plan": {"num_classes": 6, "perclass": 28, "lr": 0}, "objective": 3}
    problem = client.post(PATH, json=sent).json()
    for name in ("plan.per_class", "plan.lr", "plan.perclass"):
        assert name in problem["detail"]
    assert "Leave perclass out: plan has" in problem["remedy"]


def test_a_body_that_is_no_json_is_told_in_a_sentence(client):
    sent = {"content-type": "application/json"}
    problem = client.post(PATH, content=b'{"plan": }', headers=sent).json()
    assert problem["detail"] == "The body is not JSON: Expecting value at character 9."
    assert '{"plan": {"num_classes": 50, "per_class": 40}}' in problem["remedy"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"plan": NaN}'])
def test_what_is_no_json_is_a_problem(client, content):
    sent = {"content-type": "application/json"}
    answer = client.post(PATH, content=content, headers=sent)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


NUMBERS = st.one_of(st.integers(), st.floats(), st.text(max_size=5), st.none(), st.booleans())


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {"num_classes": st.integers(-5, 10**10), "per_class": st.floats(-5, 1e10)},
        optional=dict.fromkeys(("epochs", "samples", "batch_size", "lr", "embedding"), NUMBERS),
    )
)
def test_odd_numbers_make_a_plan_or_are_refused(plan):
    """Nothing but what the server answers with status 422 is raised."""
    with suppress(ValidationError, UsageError):
        Asked.model_validate({"plan": plan}).question().numbers.plan()


def test_the_description_names_what_is_sent(client):
    content = client.get("/sweep/api/v1/openapi.json").json()
    asked = content["components"]["schemas"]["PlanAsked"]
    assert asked["required"] == ["num_classes", "per_class"]
    paths = {path.removeprefix("/sweep/api/v1") for path in content["paths"]}
    assert paths == {
        *("/recommend", "/recommend/file", "/recommend/file/{answer}"),
        *("/tasks", "/tasks/{task}", "/studies", "/studies/{name}"),
        *("/studies/{name}/results", "/workers"),
        *(f"/studies/{{name}}/{action}" for action in ("pause", "resume", "stop")),
    }
