import itertools
import json
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given, settings

from sweeper.errors import SweeperError, UsageError
from sweeper.registry.controls import control_loss
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.setting import Setting, paper_default
from sweeper.registry.terms import TERMS, term_names
from sweeper.study.loaded_data import Loaded
from sweeper.study.study_file import StudySpec, load_study
from tests.support.study_content import (
    EXPERIMENT,
    SEARCH,
    experiments,
    fixed,
    flat,
    refusal,
    searches,
    space,
    spec_of,
    write,
)


@given(searches() | experiments())
@settings(deadline=None, max_examples=80)
def test_json_round_trip(content):
    spec = spec_of(content)
    again = StudySpec.from_json(spec.to_json())
    assert again == spec
    assert again.to_json() == spec.to_json()
    assert spec.changes(again) == []


@given(searches() | experiments())
@settings(deadline=None, max_examples=60)
def test_a_file_says_what_it_holds(tmp_path_factory, content):
    path = write(tmp_path_factory.mktemp("studies") / "named.toml", content)
    spec = load_study(path)
    assert spec == StudySpec.from_content({"name": "named", **content}, "x")
    for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if key == "augmentation":
            assert spec.augmentation.model_dump(exclude_unset=True) == value
        elif key == "fixed":
            assert spec.fixed == flat(value)
        elif key == "beside":
            assert spec.beside == tuple(term for term in TERMS if term in value)
        elif key not in ("space", "settings"):
            kept = getattr(spec, key)
            assert (list(kept) if isinstance(kept, tuple) else kept) == value
    searched = flat(content.get("space", {}))
    assert list(spec.space) == list(searched)
    for name, table in searched.items():
        for key, value in table.items():
            kept = getattr(spec.space[name], key)
            assert (list(kept) if isinstance(kept, tuple) else kept) == value


@given(experiments())
@settings(deadline=None, max_examples=60)
def test_settings_are_all_combinations_in_order(content):
    expected = []
    for table in content["settings"]:
        given_ = flat(table)
        values = {name: given_[name] for name in all_hyperparameters() if name in given_}
        lists = [value if isinstance(value, list) else [value] for value in values.values()]
        beside = table.get("beside", content["beside"])
        for point in itertools.product(*lists):
            named = dict(zip(values, point, strict=True))
            expected.append(Setting.of(table["loss"], named, beside))
    spec = spec_of(content)
    assert spec.settings_list() == expected
    assert spec.n_trials == len(expected)


def test_defaults():
    spec = spec_of(SEARCH)
    assert (spec.kind, spec.net, spec.loss, spec.sampler) == ("search", "auto", "combined", "tpe")
    assert (spec.epochs, spec.seeds, spec.batch_size, spec.n_trials) == (10, 4, 128, 60)
    assert (spec.objectives, spec.rungs, spec.controls) == (
        ("accuracy",),
        (),
        ("softmax", "arcface"),
    )
    assert spec_of(EXPERIMENT).sampler == "settings"


@pytest.mark.parametrize(
    ("loss", "controls"),
    [
        ("combined", ("softmax", "arcface")),
        ("arcface", ("softmax", "arcface")),
        ("cosface", ("softmax", "cosface")),
        ("sphereface", ("softmax", "sphereface")),
        ("normalized-softmax", ("softmax",)),
        ("softmax", ()),
        ("a-softmax", ("softmax", "a-softmax")),
        ("adacos", ("softmax", "adacos")),
        ("hard-triplet", ("softmax", "hard-triplet")),
    ],
)
def test_controls_are_softmax_and_a_papers_default(loss, controls):
    spec = spec_of({"dataset": "d", "loss": loss, "space": {"lr": {"choices": [0.01, 0.1]}}})
    assert spec.controls == controls
    expected = {}
    for name in controls:
        expected[name] = paper_default(name, lr=0.1)  # the larger of the two middle ones
        expected[f"{name} at lr 0.01"] = paper_default(name, lr=0.01)
    assert spec.control_settings() == expected
    assert list(spec.control_settings()) == list(expected)


@pytest.mark.parametrize(
    ("extra", "rates"),
    [
        ({"fixed": {"lr": 0.02}}, [0.02]),
        ({"space": {"lr": {"low": 1e-4, "high": 1e-2, "log": True}}}, [1e-3, 1e-4, 1e-2]),
        ({"space": {"lr": {"low": 0.1, "high": 0.3}}}, [0.2, 0.1, 0.3]),
        ({"space": {"lr": {"choices": [0.1]}}}, [0.1]),
        ({}, [1e-3]),
    ],
)
def test_controls_train_at_the_studys_rates(extra, rates):
    spec = spec_of({**SEARCH, **extra})
    settings = spec.control_settings()
    for loss in spec.controls:
        trained = [each.lr for name, each in settings.items() if control_loss(name) == loss]
        assert trained == pytest.approx(rates)
    assert len(settings) == len(spec.controls) * len(rates)


@pytest.mark.parametrize(
    ("epochs", "rungs"), [(2, (1,)), (3, (1, 2)), (8, (1, 2, 4)), (10, (1, 2, 4, 8))]
)
def test_rungs_double_below_the_epochs(epochs, rungs):
    spec = spec_of({**SEARCH, "pruner": "halving", "epochs": epochs})
    assert spec.rungs == rungs
    assert spec.updated("s", epochs=3).rungs == (1, 2)


def test_a_grid_has_at_most_its_points():
    grid = {**space(low=0, high=1, step=0.5), "sampler": "grid"}
    assert spec_of(grid).n_trials == 3
    assert spec_of({**space(low=0, high=1, step=0.01), "sampler": "grid"}).n_trials == 60


def test_a_trials_setting_is_its_parameters_what_is_fixed_and_defaults():
    spec = spec_of({**SEARCH, "fixed": {"m1": 0.9, "weight_decay": 1e-4}})
    assert spec.setting({"m2": 0.25, "scale": 8.0}) == Setting(
        "combined", m1=0.9, m2=0.25, scale=8.0, weight_decay=1e-4
    )
    assert spec.settings_list() == []


def test_what_is_fixed_holds_for_settings_whose_loss_has_it():
    content = {**EXPERIMENT, "fixed": {"scale": 30, "lr": 0.01}}
    content["settings"] = [*content["settings"], {"loss": "arcface", "m2": 0.4, "scale": 16}]
    assert spec_of(content).settings_list() == [
        Setting("softmax", lr=0.01),
        Setting("arcface", m2=0.4, scale=30, lr=0.01),
        Setting("arcface", m2=0.5, scale=30, lr=0.01),
        Setting("arcface", m2=0.4, scale=16, lr=0.01),
    ]


TERMS_BESIDE = """
dataset = "digits"
loss = "arcface"
beside = ["sigma2r", "center"]
per_class = 4
decay = "epoch"

[augmentation]
crop = 4
rotation = 0.25
horizontal_flip = true

[space]
m2 = { low = 0.0, high = 0.5 }
center.lambda = { low = 1e-3, high = 1.0, log = true }
sigma2r.n_neighbors = { low = 3, high = 9, step = 2 }

[fixed]
subcenters = 3
sigma2r.z = 30
term_lr = 0.5
"""


def test_terms_and_options_beside_the_loss(tmp_path):
    path = tmp_path / "terms.toml"
    path.write_text(TERMS_BESIDE)
    spec = load_study(path)
    assert spec.beside == ("center", "sigma2r")
    assert list(spec.space) == ["m2", "center.lambda", "sigma2r.n_neighbors"]
    setting = spec.setting({"m2": 0.25, "center.lambda": 0.1, "sigma2r.n_neighbors": 5})
    assert setting == Setting(
        "arcface",
        m2=0.25,
        options=(
            *(("subcenters", 3), ("center.lambda", 0.1), ("sigma2r.lambda", 0.01)),
            *(("sigma2r.n_neighbors", 5), ("sigma2r.z", 30), ("term_lr", 0.5)),
        ),
    )
    for control, own in spec.control_settings().items():
        assert own == paper_default(control)  # without terms and options
    assert StudySpec.from_json(spec.to_json()) == spec


def test_the_protocol_is_what_the_nets_are_trained_with(tmp_path):
    path = tmp_path / "terms.toml"
    path.write_text(TERMS_BESIDE)
    assert load_study(path).protocol.to_dict() == {
        "decay": "epoch",
        "per_class": 4,
        "augmentation": {"crop": 4, "rotation": 0.25, "horizontal_flip": True},
    }
    assert spec_of(SEARCH).protocol.to_dict() == {}


def test_a_term_without_hyperparameters_has_its_defaults():
    setting = spec_of({**SEARCH, "beside": ["git"]}).setting({"m2": 0.25, "scale": 8.0})
    assert setting == Setting.of("combined", {"m2": 0.25, "scale": 8.0}, ["git"])
    assert {name for name, _ in setting.options} == set(term_names("git"))


def test_tables_of_settings_have_terms_of_their_own():
    content = {
        "kind": "experiment",
        "dataset": "digits",
        "beside": ["center"],
        "fixed": {"center": {"lambda": 0.5}, "git": {"lambda_g": 0.25}, "subcenters": 2},
        "settings": [
            {"loss": ["softmax", "arcface"]},
            {"loss": "softmax", "beside": []},
            {"loss": "softmax", "beside": ["git"]},
            {"loss": "softmax", "center": {"lambda": [1, 2]}},
        ],
    }
    settings_ = spec_of(content).settings_list()
    assert settings_ == [
        Setting.of("softmax", {"center.lambda": 0.5}),
        Setting.of("arcface", {"center.lambda": 0.5, "subcenters": 2}),
        Setting("softmax"),
        Setting.of("softmax", {"git.lambda_g": 0.25}),
        Setting.of("softmax", {"center.lambda": 1}),
        Setting.of("softmax", {"center.lambda": 2}),
    ]


def test_a_study_of_before_can_go_on():
    """What was stored before there were terms and protocols has none of their keys."""
    spec = spec_of(SEARCH)
    stored = json.loads(spec.to_json())
    for key in ("beside", "decay", "augmentation"):
        del stored[key]
    assert StudySpec.from_json(json.dumps(stored)) == spec
    assert spec.changes(StudySpec.from_json(json.dumps(stored))) == []


def test_a_study_of_classes_stored_with_the_usual_batch_can_go_on():
    spec = spec_of({**SEARCH, "per_class": 4})
    stored = {**json.loads(spec.to_json()), "batch_size": 128}
    assert StudySpec.from_json(json.dumps(stored)) == spec
    assert spec.changes(StudySpec.from_json(json.dumps(stored))) == []


def test_terms_and_protocol_are_among_the_changes():
    spec = spec_of(SEARCH)
    other = spec_of(
        {**fixed(["center"], center={"lambda": 1}), "per_class": 4, "augmentation": {"crop": 2}}
    )
    assert spec.changes(other) == ["augmentation", "beside", "fixed.center.lambda", "per_class"]
    same = spec_of({**SEARCH, "beside": ["git", "center"]})
    assert same.changes(spec_of({**SEARCH, "beside": ["center", "git"]})) == []


def test_changes_name_keys_and_let_the_trials_grow():
    spec = spec_of(SEARCH)
    assert spec.changes(spec.updated("s", n_trials=100)) == []
    other = spec.updated("s", epochs=20, fixed={"lr": 0.1}, space={"m2": {"choices": [0, 1]}})
    told = spec.changes(other)
    assert told[0] == "epochs (10, not 20)"
    assert [each.split(" ")[0] for each in told] == [
        "epochs",
        "fixed.lr",
        "space.m2",
        "space.scale",
    ]
    assert other.changes(spec)[0] == "epochs (20, not 10)"


def test_what_was_loaded_is_stored_and_in_no_file():
    told = Loaded("0" * 64, (1, 4, 5), tested="f", images={"width": 32}, notes=("a", "b"))
    spec = spec_of(SEARCH).with_loaded(told)
    for kept in (spec, StudySpec.from_json(spec.to_json()), spec.updated("s", epochs=3)):
        assert kept.loaded == told
    assert StudySpec.from_json(spec_of(SEARCH).to_json()).loaded == Loaded()
    assert "'loaded': no such key" in refusal({**SEARCH, "loaded": {"weights": "0"}})


def test_weights_differ_where_both_are_known():
    spec = spec_of({**SEARCH, "net": "resnet18[weights=/x/w.pt]"})
    one, other = spec.with_loaded(Loaded("0" * 64)), spec.with_loaded(Loaded("1" * 64))
    assert one.changes(other) == ["the weights in /x/w.pt"]
    assert one.changes(one) == one.changes(spec) == spec.changes(one) == []


def test_the_net_follows_the_data_unless_named():
    spec = spec_of(SEARCH)
    assert spec.with_default_net(is_images=True).net == "compact"
    assert spec.with_default_net(is_images=False).net == "head"
    for objectives in (["retrieval"], ["accuracy", "compactness"]):  # which a head cannot change
        moving = spec_of({**SEARCH, "objectives": objectives})
        assert moving.with_default_net(is_images=False).net == "linear"
        assert moving.with_default_net(is_images=True).net == "compact"
    assert spec.updated("s", net="lenet").with_default_net(is_images=True).net == "lenet"


def test_directions_follow_the_objectives():
    spec = spec_of({**SEARCH, "objectives": ["compactness", "accuracy"]})
    assert spec.directions == ["minimize", "maximize"]


@pytest.mark.parametrize("text", ["", "[]", '{"name": "s"}', '{"later": 1}'])
def test_a_stored_study_that_cannot_be_read_is_no_usage_error(text):
    with pytest.raises(SweeperError, match="another version") as caught:
        StudySpec.from_json(text)
    assert caught.value.status == 1


def test_reading_a_study_brings_neither_torch_nor_optuna():
    code = (
        "import sys, sweeper.study.study_file; print(sorted({'torch','optuna'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('name = "s"\ndataset = "digits"\n\n[space]\nm2 = { low = 0, high = 0.5 }\n')
    plain = load_study(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_study(path) == plain


def test_an_angle_in_degrees_is_refused_in_a_file_and_read_from_the_database():
    in_radians = spec_of({**SEARCH, "loss": "arcface", "space": {"m2": {"low": 0.0, "high": 0.5}}})
    in_degrees = in_radians.to_json().replace('"high":0.5', '"high":50.0')
    assert StudySpec.from_json(in_degrees).space["m2"].ends() == (0.0, 50.0)
    with pytest.raises(UsageError, match=r"'space.m2': is in radians, .* 50° are 0\.8727"):
        StudySpec.from_content(json.loads(in_degrees), "s.toml")
