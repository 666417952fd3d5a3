import datetime
import itertools
import json
import math
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.errors import SweeperError, UsageError
from sweeper.search.study_file import StudySpec, load_study
from sweeper.search.vocabulary import OBJECTIVES, PRUNERS, SAMPLERS
from sweeper.setting import DEFAULTS, LOSSES, Setting

SEARCH = {
    "dataset": "digits",
    "space": {"m2": {"low": -0.2, "high": 0.8}, "scale": {"low": 2.0, "high": 128.0, "log": True}},
}
EXPERIMENT = {
    "kind": "experiment",
    "dataset": "digits",
    "settings": [{"loss": "softmax"}, {"loss": "arcface", "m2": [0.4, 0.5]}],
}


def spec_of(content):
    return StudySpec.from_content({"name": "s", **content}, "study.toml")


def refusal(content):
    with pytest.raises(UsageError) as caught:
        spec_of(content)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def toml(value):
    """Write a value of plain Python as TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value).lower()


def write(path, content):
    lines = (f"{json.dumps(key)} = {toml(value)}\n" for key, value in content.items())
    path.write_text("".join(lines), encoding="utf-8")
    return path


# --- what a file can hold -------------------------------------------------------------------

words = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)
numbers = st.floats(-2, 2).map(lambda x: round(x, 3))
positives = st.floats(0.001, 100).map(lambda x: round(x, 3))


@st.composite
def dimensions(draw, name):
    number = positives if name in ("m1", "scale", "lr", "weight_decay") else numbers
    if draw(st.booleans()):
        return {"choices": draw(st.lists(number, min_size=1, max_size=4, unique=True))}
    low, high = sorted(draw(st.lists(number, min_size=2, max_size=2, unique=True)))
    return {"low": low, "high": high} | ({"log": True} if low > 0 and draw(st.booleans()) else {})


@st.composite
def searches(draw):
    loss = draw(st.sampled_from(sorted(LOSSES)))
    names = draw(st.permutations([*LOSSES[loss], "lr", "weight_decay"]))
    searched = draw(st.integers(1, len(names)))
    several = draw(st.booleans())
    content = {
        "dataset": draw(words),
        "loss": loss,
        "space": {name: draw(dimensions(name)) for name in names[:searched]},
        "fixed": {name: draw(positives) for name in names[searched:] if draw(st.booleans())},
        "sampler": draw(st.sampled_from([name for name in SAMPLERS if name != "grid"])),
        "epochs": draw(st.integers(2, 50)),
        "seed": draw(st.integers(0, 2**31)),
    }
    if several:
        content["objectives"] = draw(st.permutations(sorted(OBJECTIVES)))
    else:
        content["pruner"] = draw(st.sampled_from(PRUNERS))
    if draw(st.booleans()):
        content["controls"] = draw(st.lists(st.sampled_from(sorted(LOSSES)), unique=True))
    return content


@st.composite
def experiments(draw):
    tables = []
    for loss in draw(
        st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=3, unique=True)
    ):
        values = {
            name: st.lists(positives, min_size=1, max_size=3, unique=True) | positives
            for name in (*LOSSES[loss], "lr")
        }
        tables.append({"loss": loss} | draw(st.fixed_dictionaries({}, optional=values)))
    return {"kind": "experiment", "dataset": draw(words), "settings": tables}


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
        if key not in ("space", "settings"):
            kept = getattr(spec, key)
            assert (list(kept) if isinstance(kept, tuple) else kept) == value
    for name, table in content.get("space", {}).items():
        for key, value in table.items():
            kept = getattr(spec.space[name], key)
            assert (list(kept) if isinstance(kept, tuple) else kept) == value


@given(experiments())
@settings(deadline=None, max_examples=60)
def test_settings_are_all_combinations_in_order(content):
    expected = []
    for table in content["settings"]:
        keys = [key for key in ("m1", "m2", "m3", "scale", "lr") if key in table]
        lists = [table[key] if isinstance(table[key], list) else [table[key]] for key in keys]
        for values in itertools.product(*lists):
            expected.append(Setting(table["loss"], **dict(zip(keys, values, strict=True))))
    spec = spec_of(content)
    assert spec.settings_list() == expected
    assert spec.n_trials == len(expected)


# --- what a file cannot hold ----------------------------------------------------------------

KEYS = [*StudySpec.model_fields, "low", "high", "log", "step", "choices", "table"]
NAMES = ["m1", "m2", "m3", "scale", "lr", "weight_decay", "m9"]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([*LOSSES, *SAMPLERS, *OBJECTIVES, *PRUNERS, "search", "experiment"])
    | st.dates()
    | st.just(datetime.time(1))
)
keys = st.sampled_from([*KEYS, *NAMES]) | st.text(max_size=5)
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def accept_or_refuse(content):
    """Check that any content makes a study, which can be stored, or one line that names a key."""
    message = None
    try:
        spec = spec_of({"name": "s", **content})
        assert StudySpec.from_json(spec.to_json()) == spec
    except UsageError as error:
        message = str(error)
    if message is not None:
        assert message.startswith("study.toml: key ")
        assert len(message.splitlines()) == 1


@given(searches() | experiments(), st.dictionaries(keys, junk, min_size=1, max_size=3))
@settings(deadline=None, max_examples=300)
def test_junk_gives_a_study_or_one_line(content, extra):
    accept_or_refuse({**content, **extra})


@given(st.sampled_from(["space", "fixed", "settings"]), st.dictionaries(keys, junk, max_size=3))
@settings(deadline=None, max_examples=200)
def test_junk_in_a_table_gives_a_study_or_one_line(table, inside):
    content = EXPERIMENT if table == "settings" else SEARCH
    value = [inside] if table == "settings" else {**content.get(table, {}), **inside}
    accept_or_refuse({**content, table: value})


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@settings(deadline=None, max_examples=150)
def test_any_text_gives_one_line_with_the_file(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("junk") / "junk.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError) as caught:
        load_study(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        (b'name = "a"\ndataset = \n', "line 2"),
        (b'dataset = "\xff"', "UTF-8"),
        (b"seed = " + b"9" * 5000, "no valid TOML"),
        (b"x = " + b"[" * 5000, "no valid TOML"),
        (b'dataset = "digits"\n[space]\nm2 = { lwo = 0, high = 1 }', "key 'space.m2.lwo'"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, raw, part):
    path = tmp_path / "a.toml"
    path.write_bytes(raw)
    with pytest.raises(UsageError) as caught:
        load_study(path)
    assert str(caught.value).startswith(str(path))
    assert part in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="no such study file"):
        load_study(tmp_path / "a.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        load_study(tmp_path)


def space(**dimension):
    return {**SEARCH, "space": {"m2": dimension}}


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ({**SEARCH, "datset": "x"}, ["'datset'", "did you mean dataset", "allowed: name, kind"]),
        ({"space": SEARCH["space"]}, ["'dataset'", "missing"]),
        ({**SEARCH, "dataset": ""}, ["'dataset'", "empty"]),
        ({**SEARCH, "dataset": "a\nb"}, ["'dataset'", "cannot be shown"]),
        ({**SEARCH, "epochs": "ten"}, ["'epochs'", "a whole number, not 'ten'"]),
        ({**SEARCH, "epochs": 0}, ["'epochs'", "at least 1, not 0"]),
        ({**SEARCH, "seeds": 0}, ["'seeds'", "at least 1"]),
        ({**SEARCH, "n_trials": 0}, ["'n_trials'", "at least 1"]),
        ({**SEARCH, "batch_size": 0}, ["'batch_size'", "at least 1"]),
        ({**SEARCH, "embedding": 0}, ["'embedding'", "at least 1"]),
        ({**SEARCH, "seed": -1}, ["'seed'", "at least 0"]),
        ({**SEARCH, "kind": 1}, ["'kind'", "must be text, not 1"]),
        ({**SEARCH, "kind": "serch"}, ["'kind'", "did you mean search?", "allowed: search, exp"]),
        ({**SEARCH, "loss": "arcfac"}, ["'loss'", "arcface", "allowed: softmax, normalised"]),
        (
            {**SEARCH, "sampler": "cmaes"},
            ["'sampler'", "allowed: tpe, gp, qmc, random, grid, nsga"],
        ),
        ({**SEARCH, "sampler": "settings"}, ["'sampler'", "experiment"]),
        ({**SEARCH, "pruner": "meidan"}, ["'pruner'", "did you mean median?"]),
        ({**SEARCH, "beside": ["center"]}, ["'beside'", "an empty list"]),
        ({**SEARCH, "objectives": "accuracy"}, ["'objectives'", "a list"]),
        ({**SEARCH, "objectives": []}, ["'objectives'", "empty"]),
        ({**SEARCH, "objectives": ["accuracy", "acuracy"]}, ["'objectives'", "mean accuracy?"]),
        ({**SEARCH, "objectives": ["accuracy", "accuracy"]}, ["'objectives'", "twice"]),
        (
            {**SEARCH, "objectives": ["accuracy", "retrieval"], "pruner": "median"},
            ["'pruner'", "one objective"],
        ),
        (
            {**SEARCH, "objectives": ["accuracy", "retrieval"], "rungs": [1]},
            ["'rungs'", "one objective"],
        ),
        ({**SEARCH, "rungs": [1, 10]}, ["'rungs'", "from 1 to 9"]),
        ({**SEARCH, "rungs": [0, 1]}, ["'rungs'", "from 1 to 9"]),
        ({**SEARCH, "rungs": [4, 2]}, ["'rungs'", "rise"]),
        ({**SEARCH, "rungs": [2, 2]}, ["'rungs'", "rise"]),
        ({**SEARCH, "pruner": "median", "epochs": 1}, ["'pruner'", "2 epochs"]),
        ({**SEARCH, "pruner": "median", "rungs": []}, ["'pruner'", "rung"]),
        ({"dataset": "digits"}, ["'space'", "nothing to search"]),
        ({"dataset": "digits", "loss": "softmax"}, ["'space'", "softmax has lr, weight_decay"]),
        ({**SEARCH, "loss": "arcface", "fixed": {"m3": 0.1}}, ["'fixed.m3'", "m2, scale, lr"]),
        ({**SEARCH, "loss": "cosface"}, ["'space.m2'", "cosface has no m2", "m3, scale, lr"]),
        ({**SEARCH, "fixed": {"m2": 0.1}}, ["'space.m2'", "fixed too"]),
        ({**SEARCH, "fixed": {"m9": 0.1}}, ["'fixed.m9'", "allowed: m1, m2, m3, scale, lr"]),
        ({**SEARCH, "fixed": {"lr": "0.1"}}, ["'fixed.lr'", "a number, not '0.1'"]),
        ({**SEARCH, "fixed": {"lr": 0}}, ["'fixed.lr'", "positive"]),
        ({**SEARCH, "fixed": {"weight_decay": -1}}, ["'fixed.weight_decay'", "negative"]),
        ({**SEARCH, "space": {"m4": {"low": 0, "high": 1}}}, ["'space.m4'", "did you mean"]),
        ({**SEARCH, "space": {"m2": 0.5}}, ["'space.m2'", "a table, not 0.5"]),
        (space(low="0", high=1), ["'space.m2.low'", "a number, not '0'"]),
        (space(low=True, high=1), ["'space.m2.low'", "a number, not True"]),
        (space(low=-math.inf, high=1), ["'space.m2.low'", "finite"]),
        (space(low=0), ["'space.m2.high'", "missing"]),
        (space(low=1, high=1), ["'space.m2.low'", "less than high"]),
        (space(low=0, high=1, log=True), ["'space.m2.low'", "positive where log"]),
        (space(low=0, high=1, step=0), ["'space.m2.step'", "positive"]),
        (
            space(low=0, high=1, stp=1),
            ["'space.m2.stp'", "mean step?", "low, high, log, step, cho"],
        ),
        (space(choices=[]), ["'space.m2.choices'", "empty"]),
        (space(choices=[0.1, "x"]), ["'space.m2.choices'", "a number, not 'x'"]),
        (space(choices=[0.1], low=0), ["'space.m2.low'", "beside choices"]),
        ({**SEARCH, "space": {"m1": {"low": 0, "high": 1}}}, ["'space.m1'", "positive"]),
        ({**SEARCH, "space": {"scale": {"choices": [0, 1]}}}, ["'space.scale'", "positive"]),
        ({**SEARCH, "space": {"lr": {"low": -1, "high": 1}}}, ["'space.lr'", "positive"]),
        ({**SEARCH, "sampler": "grid"}, ["'space.m2'", "choices, or a range with a step"]),
        (
            {**space(low=0, high=1, step=0.5), "sampler": "grid", "n_trials": 4},
            ["'n_trials'", "at most 3"],
        ),
        ({**SEARCH, "controls": ["softmax", "softmax"]}, ["'controls'", "twice"]),
        ({**SEARCH, "settings": [{"loss": "softmax"}]}, ["'settings'", "only an experiment"]),
        ({**SEARCH, "published": {"tabel": "x"}}, ["'published.tabel'", "mean table?"]),
        ({**EXPERIMENT, "space": SEARCH["space"]}, ["'space'", "searches nothing"]),
        ({**EXPERIMENT, "settings": []}, ["'settings'", "at least one"]),
        ({**EXPERIMENT, "sampler": "tpe"}, ["'sampler'", "leave it out"]),
        ({**EXPERIMENT, "pruner": "median"}, ["'pruner'", "leave it out"]),
        ({**EXPERIMENT, "controls": ["softmax"]}, ["'controls'", "as settings"]),
        ({**EXPERIMENT, "n_trials": 60}, ["'n_trials'", "3 settings", "leave it out"]),
        ({**EXPERIMENT, "fixed": {"m3": 0.1}}, ["'fixed.m3'", "none of the settings"]),
        ({**EXPERIMENT, "settings": [{"loss": "softmax", "m2": 1}]}, ["'settings[0].m2'", "no m2"]),
        ({**EXPERIMENT, "settings": [{"m2": [1, "x"]}]}, ["'settings[0].m2'", "not 'x'"]),
        ({**EXPERIMENT, "settings": [{"m2": []}]}, ["'settings[0].m2'", "empty"]),
        ({**EXPERIMENT, "settings": [{"scale": [1, -1]}]}, ["'settings[0].scale'", "positive"]),
        ({**EXPERIMENT, "settings": [{"m4": 1}]}, ["'settings[0].m4'", "allowed: loss, m1"]),
        ({**EXPERIMENT, "settings": [{"m2": 1}, {"m2": [2, 1]}]}, ["'settings'", "twice"]),
        (
            {
                **EXPERIMENT,
                "settings": [{k: [i + 1 for i in range(99)] for k in ("m1", "m2", "m3")}],
            },
            ["'settings'", "970,299"],
        ),
    ],
)
def test_what_is_wrong_is_named(content, parts):
    message = refusal(content)
    for part in parts:
        assert part in message, message


# --- what a study is ------------------------------------------------------------------------


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
        ("normalised-softmax", ("softmax",)),
        ("softmax", ()),
    ],
)
def test_controls_are_softmax_and_a_papers_default(loss, controls):
    spec = spec_of({"dataset": "d", "loss": loss, "space": {"lr": {"choices": [0.01, 0.1]}}})
    assert spec.controls == controls
    for name, setting in spec.control_settings().items():
        assert setting == Setting(
            **{**vars(DEFAULTS[name]), "lr": 0.1}
        )  # the larger of the two middle ones


@pytest.mark.parametrize(
    ("extra", "lr"),
    [
        ({"fixed": {"lr": 0.02}}, 0.02),
        ({"space": {"lr": {"low": 1e-4, "high": 1e-2, "log": True}}}, 1e-3),
        ({"space": {"lr": {"low": 0.1, "high": 0.3}}}, 0.2),
        ({}, 1e-3),
    ],
)
def test_controls_train_at_the_studys_rate(extra, lr):
    for setting in spec_of({**SEARCH, **extra}).control_settings().values():
        assert math.isclose(setting.lr, lr)


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


def test_changes_name_keys_and_let_the_trials_grow():
    spec = spec_of(SEARCH)
    assert spec.changes(spec.updated("s", n_trials=100)) == []
    other = spec.updated("s", epochs=20, fixed={"lr": 0.1}, space={"m2": {"choices": [0, 1]}})
    assert spec.changes(other) == ["epochs", "fixed.lr", "space.m2", "space.scale"]
    assert other.changes(spec) == spec.changes(other)


def test_the_net_follows_the_data_unless_named():
    spec = spec_of(SEARCH)
    assert spec.with_default_net(is_images=True).net == "compact"
    assert spec.with_default_net(is_images=False).net == "head"
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
        "import sys, sweeper.search.study_file; print(sorted({'torch','optuna'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
