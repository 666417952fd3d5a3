"""What is said of a plan, whatever was measured."""

import shlex
import tomllib
from dataclasses import replace

import pytest

from sweeper.repository.recommendation.caveats import of_plan, stale
from sweeper.repository.recommendation.sweep import rate_of_sweep, sweep_command
from sweeper.repository.sources import stored_choice
from sweeper.repository.task_plans import start_of
from sweeper.study.study_file import StudySpec
from tests.support.plans import PLAN


def test_an_ordinary_plan_needs_no_word():
    assert of_plan(PLAN, is_images=True) == ()
    assert of_plan(replace(PLAN, start="frozen", net="head"), is_images=False) == ()


def test_single_images_say_nothing_of_a_class():
    (each,) = of_plan(replace(PLAN, num_train=10), is_images=True)
    assert "10 images of 10 classes: each has a single one" in each
    (most,) = of_plan(replace(PLAN, num_train=13), is_images=True)
    assert "most have a single one" in most


def test_images_in_place_of_the_features_asked_for_are_said():
    (said,) = of_plan(replace(PLAN, start="frozen", net="linear"), is_images=True)
    assert "not from the frozen body's features" in said
    named = replace(PLAN, start="frozen", net="resnet18[weights=DEFAULT, body=frozen]")
    assert of_plan(named, is_images=True) == ()


def test_a_tenth_more_tasks_or_fewer_are_worth_choosing_the_predictor_again():
    choice = replace(stored_choice("accuracy", None), tasks=50)
    assert [number for number in range(40, 61) if stale(choice, number)] == [
        *range(40, 45),
        *range(56, 61),
    ]
    (said,) = stale(choice, 60)
    assert "50 tasks were known, and now there are 60: `sweeper fit` chooses again, in" in said


def test_the_sweep_trains_as_was_asked():
    given = replace(PLAN, epochs=7, batch_size=16, lr=0.1, given=("epochs", "batch_size", "lr"))
    assert sweep_command("./my images", "accuracy", "arcface", given, is_images=True) == (
        "sweeper run './my images' --objective accuracy --loss arcface --net compact --epochs 7 "
        "--batch-size 16"
    )
    frozen = replace(PLAN, start="frozen", net="linear")
    assert sweep_command("x", "accuracy", "arcface", frozen, is_images=True).endswith(
        "--net 'resnet18[weights=DEFAULT, body=frozen, head=linear]'"
    )
    assert "--net linear" in sweep_command("x.npz", "accuracy", "cosface", frozen, is_images=False)


@pytest.mark.parametrize(
    ("net", "start", "searched"),
    [
        ("resnet18", "tuned", "resnet18[weights=DEFAULT]"),
        ("resnet50", "tuned", "resnet50[weights=DEFAULT]"),
        ("resnet18[size=64]", "tuned", "resnet18[weights=DEFAULT, size=64]"),
        ("resnet18[weights=IMAGENET1K_V1]", "tuned", "resnet18[weights=IMAGENET1K_V1]"),
        ("lenet", "tuned", "resnet18[weights=DEFAULT]"),
        ("mine.nets:build", "tuned", "mine.nets:build"),
        ("resnet50", "frozen", "resnet50[weights=DEFAULT, body=frozen, head=linear]"),
        ("resnet18", "scratch", "resnet18"),
    ],
)
def test_the_sweep_keeps_the_start(net, start, searched):
    plan = replace(PLAN, net=net, start=start, given=("net", "start"))
    words = shlex.split(sweep_command("x", "retrieval", "arcface", plan, is_images=True))
    assert words[words.index("--net") + 1] == searched
    assert searched == net or start_of(searched, False) == start


def test_how_a_search_keeps_a_rate_is_said_where_one_was_given():
    assert rate_of_sweep(PLAN) == ""
    said = rate_of_sweep(replace(PLAN, lr=0.02, given=("lr",)))
    content = {"name": "kept", "dataset": "digits", "fixed": tomllib.loads("lr = 0.02")}
    assert "lr = 0.02 under [fixed], and no lr under [space]" in said
    spec = StudySpec.from_content({**content, "space": {"m2": {"low": 0.0, "high": 0.5}}}, "kept")
    assert {setting.lr for setting in [spec.setting({"m2": 0.1})]} == {0.02}
