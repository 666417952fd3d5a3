"""What study files hold: two short ones, how they are written, and any that hypothesis draws."""

import json

import pytest
from hypothesis import strategies as st

from sweeper.errors import UsageError
from sweeper.registry.losses import LOSSES
from sweeper.registry.names import all_hyperparameters, own_names
from sweeper.registry.objectives import OBJECTIVES
from sweeper.registry.pruners import PRUNERS
from sweeper.registry.samplers import SAMPLERS, search_samplers
from sweeper.registry.terms import TERMS
from sweeper.study.study_file import StudySpec

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


def fixed(beside=(), **values):
    return {**SEARCH, "beside": list(beside), "fixed": values}


def center(dimension):
    return {**SEARCH, "beside": ["center"], "space": {"center": {"lambda": dimension}}}


def table(**values):
    return {**EXPERIMENT, "settings": [values]}


def space(**dimension):
    return {**SEARCH, "space": {"m2": dimension}}


words = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)


def numbers(name):
    """Numbers that a hyperparameter may be, which no writing of them changes."""
    each = all_hyperparameters()[name]
    low, high = max(each.least, -2), min(each.most, 3 if each.angle else 100)
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
        "sampler": draw(st.sampled_from([name for name in search_samplers() if name != "grid"])),
        "epochs": draw(st.integers(2, 50)),
        "seed": draw(st.integers(0, 2**31)),
    }
    if several and SAMPLERS[content["sampler"]].most_objectives is None:
        content["objectives"] = draw(st.permutations(sorted(OBJECTIVES)))
    else:
        content["pruner"] = draw(st.sampled_from(sorted(PRUNERS)))
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
