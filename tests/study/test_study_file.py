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
from sweeper.registry.losses import LOSSES
from sweeper.registry.names import all_hyperparameters, own_names
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.setting import Setting, paper_default
from sweeper.registry.terms import TERMS, term_names
from sweeper.study.loaded_data import Loaded
from sweeper.study.study_file import StudySpec, load_study
from sweeper.study.vocabulary import PRUNERS, SAMPLERS

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


def nested(values):
    """Return values by hyperparameter with a table for each term, as TOML's dotted keys make."""
    tables = {}
    for name, value in values.items():
        term, dot, own = name.partition(".")
        if dot:
            tables.setdefault(term, {})[own] = value
        else:
            tables[name] = value
    return tables


def flat(tables):
    """Return values by hyperparameter again."""
    values = {}
    for name, value in tables.items():
        own = {f"{name}.{key}": each for key, each in value.items()} if name in TERMS else {}
        values |= own or {name: value}
    return values


# --- what a file can hold -------------------------------------------------------------------

words = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)


def numbers(name):
    """Numbers that a hyperparameter may be, which no writing of them changes."""
    each = all_hyperparameters()[name]
    low, high = max(each.least, -2), min(each.most, 100)
    if each.whole:
        return st.integers(int(low), int(high))
    return st.floats(max(low, 0.001) if each.above == 0 else low, high).map(lambda x: round(x, 3))


@st.composite
def dimensions(draw, name):
    number = numbers(name)
    if draw(st.booleans()):
        return {"choices": draw(st.lists(number, min_size=1, max_size=4, unique=True))}
    low, high = sorted(draw(st.lists(number, min_size=2, max_size=2, unique=True)))
    return {"low": low, "high": high} | ({"log": True} if low > 0 and draw(st.booleans()) else {})


terms = st.lists(st.sampled_from(sorted(TERMS)), unique=True, max_size=2)
augmentations = st.fixed_dictionaries(
    {},
    optional={
        "crop": st.integers(0, 8),
        "rotation": st.floats(0, 3.141).map(lambda x: round(x, 3)),
        "horizontal_flip": st.booleans(),
        "vertical_flip": st.booleans(),
    },
)
protocols = st.fixed_dictionaries(
    {},
    optional={
        "decay": st.sampled_from(["step", "epoch"]),
        "per_class": st.integers(1, 64),
        "augmentation": augmentations,
    },
)


@st.composite
def searches(draw):
    loss = draw(st.sampled_from(sorted(LOSSES)))
    beside = draw(terms)
    names = draw(st.permutations(own_names(loss, beside)))
    searched = draw(st.integers(1, len(names)))
    several = draw(st.booleans())
    fixed = {name: draw(numbers(name)) for name in names[searched:] if draw(st.booleans())}
    content = {
        "dataset": draw(words),
        "loss": loss,
        "beside": beside,
        "space": nested({name: draw(dimensions(name)) for name in names[:searched]}),
        "fixed": nested(fixed),
        **draw(protocols),
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
    tables, shared = [], draw(terms)
    for loss in draw(
        st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=3, unique=True)
    ):
        own = draw(st.none() | terms)
        values = {
            name: st.lists(numbers(name), min_size=1, max_size=3, unique=True) | numbers(name)
            for name in own_names(loss, shared if own is None else own)
        }
        given = draw(st.dictionaries(st.sampled_from(sorted(values)), st.none(), max_size=4))
        table = nested({name: draw(values[name]) for name in given})
        tables.append({"loss": loss} | ({} if own is None else {"beside": own}) | table)
    content = {"kind": "experiment", "dataset": draw(words), "settings": tables}
    return content | {"beside": shared} | draw(protocols)


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


# --- what a file cannot hold ----------------------------------------------------------------

KEYS = [*StudySpec.model_fields, "low", "high", "log", "step", "choices", "table"]
NAMES = [*all_hyperparameters(), *TERMS, "lambda", "m9", "center.lamda"]
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
        assert spec.protocol.decay == spec.decay
    except UsageError as error:
        message = str(error)
    if message is not None:
        assert message.startswith("study.toml: key ")
        assert len(message.splitlines()) == 1


@given(searches() | experiments(), st.dictionaries(keys, junk, min_size=1, max_size=3))
@settings(deadline=None, max_examples=300)
def test_junk_gives_a_study_or_one_line(content, extra):
    accept_or_refuse({**content, **extra})


@given(
    st.sampled_from(["space", "fixed", "settings", "augmentation"]),
    st.dictionaries(keys, junk, max_size=3),
)
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


NAME = "name it in beside = [...]"
LR = {"lr": {"low": 0.01, "high": 0.1}}


def fixed(beside=(), **values):
    return {**SEARCH, "beside": list(beside), "fixed": values}


def center(dimension):
    return {**SEARCH, "beside": ["center"], "space": {"center": {"lambda": dimension}}}


def table(**values):
    return {**EXPERIMENT, "settings": [values]}


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
        ({**SEARCH, "loss": "arcfac"}, ["'loss'", "arcface", "allowed: softmax, normalized"]),
        (
            {**SEARCH, "sampler": "cmaes"},
            ["'sampler'", "allowed: tpe, gp, qmc, random, grid, nsga"],
        ),
        ({**SEARCH, "sampler": "settings"}, ["'sampler'", "experiment"]),
        ({**SEARCH, "pruner": "meidan"}, ["'pruner'", "did you mean median?"]),
        ({**SEARCH, "beside": "center"}, ["'beside'", "must be a list, not 'center'"]),
        ({**SEARCH, "beside": ["centre"]}, ["'beside'", "did you mean center or", "allowed: cen"]),
        ({**SEARCH, "beside": ["git", "git"]}, ["'beside'", "git stands there twice"]),
        (fixed(center={"lambda": 0.1}), ["'fixed.center.lambda'", "no center stands beside", NAME]),
        (fixed(["git"], center={"lambda": 1}), ["'fixed.center.lambda'", "no center stands", NAME]),
        (
            fixed(["center"], center={"lamda": 1}),
            ["'fixed.center.lamda'", "mean center.lambda or subcenters?"],
        ),
        (fixed(["center"], center={"lambda": -1}), ["'fixed.center.lambda'", "negative, not -1"]),
        (fixed(["center"], center={"lambda": "1"}), ["'fixed.center.lambda'", "number, not '1'"]),
        (fixed(["center"], center=1), ["'fixed.center'", "is a term; say what of it: center.lamb"]),
        (fixed(center=1), ["'fixed.center'", "center is a term; say what of it: center.lambda"]),
        (fixed(centre={"lambda": 0.1}), ["'fixed.centre'", "must be a number, not {'lambda'"]),
        (
            fixed(["sigma2r"], sigma2r={"n_neighbors": 2.5}),
            ["'fixed.sigma2r.n_neighbors'", "must be a whole number, not 2.5"],
        ),
        (fixed(["sigma2r"], sigma2r={"z": 0}), ["'fixed.sigma2r.z'", "must be positive, not 0"]),
        (fixed(warmup=2), ["'fixed.warmup'", "must be at most 1, not 2"]),
        (fixed(subcenters=1.5), ["'fixed.subcenters'", "must be a whole number, not 1.5"]),
        (fixed(term_lr=0.1), ["'fixed.term_lr'", "combined has no term_lr"]),
        (fixed(margin=0.2), ["'fixed.margin'", "combined has no margin", "allowed: m1"]),
        (
            {"dataset": "d", "loss": "softmax", "space": LR, "fixed": {"subcenters": 2}},
            ["'fixed.subcenters'", "softmax has no subcenters; allowed: lr, weight_decay"],
        ),
        (
            {"dataset": "d", "loss": "triplet", "space": {"scale": {"low": 1, "high": 2}}},
            ["'space.scale'", "triplet has no scale; allowed: margin, lr, weight_decay"],
        ),
        (
            {**SEARCH, "space": {"center": {"lambda": {"low": 0, "high": 1}}}},
            ["'space.center.lambda'", "no center stands beside the loss", NAME],
        ),
        (center({"low": -1, "high": 1}), ["'space.center.lambda'", "not be negative, not -1"]),
        (center({"lo": 0, "high": 1}), ["'space.center.lambda.lo'", "did you mean low or log?"]),
        (center(0.5), ["'space.center.lambda'", "must be a table, not 0.5"]),
        (
            {**SEARCH, "space": {"subcenters": {"low": 1, "high": 3.5}}},
            ["'space.subcenters'", "must be a whole number, not 3.5"],
        ),
        (
            {**SEARCH, "space": {"subcenters": {"low": 1, "high": 3, "step": 0.5}}},
            ["'space.subcenters'", "must be a whole number, not 1.5"],
        ),
        (
            {**SEARCH, "beside": ["center"], "space": {"center": {"low": 0, "high": 1}}},
            ["'space.center'", "center is a term; say what of it: center.lambda"],
        ),
        (
            {**SEARCH, "beside": ["git"], "space": {"git": {"choices": [0, 1]}}},
            ["'space.git'", "git is a term; say what of it: git.lambda_c or git.lambda_g"],
        ),
        (table(loss="softmax", center=[1, 2]), ["'settings[0].center'", "of it: center.lambda"]),
        ({**SEARCH, "per_class": 4, "batch_size": 128}, ["'batch_size'", "make a batch; leave it"]),
        ({**SEARCH, "per_class": 4, "batch_size": 64}, ["'batch_size'", "per_class", "leave it"]),
        ({**SEARCH, "per_class": 0}, ["'per_class'", "at least 1, not 0"]),
        ({**SEARCH, "decay": "steps"}, ["'decay'", "did you mean step? allowed: step, epoch"]),
        ({**SEARCH, "augmentation": {"rotation": 4}}, ["'augmentation.rotation'", "at most 3.14"]),
        ({**SEARCH, "augmentation": {"crop": -1}}, ["'augmentation.crop'", "at least 0, not -1"]),
        ({**SEARCH, "augmentation": {"crop": 1.5}}, ["'augmentation.crop'", "a whole number"]),
        (
            {**SEARCH, "augmentation": {"horizontal_flip": 1}},
            ["'augmentation.horizontal_flip'", "true or false, not 1"],
        ),
        (
            {**SEARCH, "augmentation": {"flip": True}},
            ["'augmentation.flip'", "no such key", "allowed: crop, rotation, horizontal_flip"],
        ),
        ({**SEARCH, "augmentation": "crop"}, ["'augmentation'", "a table, not 'crop'"]),
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
        (
            {**SEARCH, "loss": "arcface", "fixed": {"m3": 0.1}},
            ["'fixed.m3'", "m2, scale, subcenters"],
        ),
        ({**SEARCH, "loss": "cosface"}, ["'space.m2'", "cosface has no m2", "m3, scale, subc"]),
        ({**SEARCH, "fixed": {"m2": 0.1}}, ["'space.m2'", "fixed too"]),
        ({**SEARCH, "fixed": {"m9": 0.1}}, ["'fixed.m9'", "allowed: m1, m2, m3, scale, sub"]),
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
        ({**EXPERIMENT, "settings": [{"m4": 1}]}, ["'settings[0].m4'", "mean m", "allowed: m1"]),
        ({**EXPERIMENT, "settings": [{"loss": "arcfac"}]}, ["'settings[0].loss'", "mean arcface"]),
        ({**EXPERIMENT, "settings": [{"loss": []}]}, ["'settings[0].loss'", "must not be empty"]),
        (table(beside="center"), ["'settings[0].beside'", "must be a list, not 'center'"]),
        (table(beside=["cente"]), ["'settings[0].beside'", "unknown term 'cente'"]),
        (table(beside=["git", "git"]), ["'settings[0].beside'", "git stands there twice"]),
        (table(center={"lambda": 1}), ["'settings[0].center.lambda'", "no center stands", NAME]),
        (
            {**table(beside=[], center={"lambda": 1}), "beside": ["center"]},
            ["'settings[0].center.lambda'", "no center stands beside the loss", NAME],
        ),
        (
            table(beside=["center"], center={"lambda": [1, -1]}),
            ["'settings[0].center.lambda'", "must not be negative, not -1"],
        ),
        (table(loss="arcface", margin=0.2), ["'settings[0].margin'", "arcface has no margin"]),
        (table(beside=["git", "center"], loss=["softmax", "softmax"]), ["softmax + center (lam"]),
        ({**EXPERIMENT, "fixed": {"center": {"lambda": 1}}}, ["none of the settings' losses has"]),
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
    for name, setting in spec.control_settings().items():
        assert setting == Setting(
            **{**vars(paper_default(name)), "lr": 0.1}
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
    assert spec.changes(other) == ["epochs", "fixed.lr", "space.m2", "space.scale"]
    assert other.changes(spec) == spec.changes(other)


def test_what_was_loaded_is_stored_and_in_no_file():
    spec = spec_of(SEARCH).with_loaded(Loaded("0" * 64, (1, 4, 5)))
    for kept in (spec, StudySpec.from_json(spec.to_json()), spec.updated("s", epochs=3)):
        assert kept.loaded == Loaded("0" * 64, (1, 4, 5))
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
