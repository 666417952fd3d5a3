"""What a study file cannot hold is one line that names it."""

import datetime
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.errors import UsageError
from sweeper.registry.losses import LOSSES
from sweeper.registry.names import all_hyperparameters
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.pruners import PRUNERS
from sweeper.registry.samplers import search_samplers
from sweeper.registry.terms import TERMS
from sweeper.study.study_file import StudySpec, load_study
from tests.support.study_content import (
    EXPERIMENT,
    SEARCH,
    center,
    experiments,
    fixed,
    refusal,
    searches,
    space,
    spec_of,
    table,
)

KEYS = [*StudySpec.model_fields, "low", "high", "log", "step", "choices", "table"]
NAMES = [*all_hyperparameters(), *TERMS, "lambda", "m9", "center.lamda"]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([*LOSSES, *search_samplers(), *OBJECTIVES, *PRUNERS, "search", "experiment"])
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
            ["'sampler'", "allowed: tpe, transfer, gp, qmc, random, grid, nsga"],
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
        ({**SEARCH, "pruner": "racing", "seeds": 1}, ["'pruner'", "racing needs at least 2 seeds"]),
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
                "settings": [{k: [i / 99 + 1 for i in range(99)] for k in ("m1", "m2", "m3")}],
            },
            ["'settings'", "970,299"],
        ),
    ],
)
def test_what_is_wrong_is_named(content, parts):
    message = refusal(content)
    for part in parts:
        assert part in message, message
