import dataclasses
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.data.builtin.glyphs.scripts import SCRIPTS
from sweeper.data.grammar import _KEYS, Subset, format_spec, parse
from sweeper.errors import UsageError

class_names = st.text(string.ascii_letters + " _.é", min_size=1).map(str.strip).filter(bool)
subsets = st.builds(
    Subset,
    classes=st.tuples(
        st.sets(st.integers(0, 10**12), max_size=8), st.sets(class_names, max_size=4)
    ).map(lambda pair: (*sorted(pair[0]), *sorted(pair[1]))),
    per_class=st.none() | st.integers(1, 10**9),
    imbalance=st.floats(1, 1e9),
    noise=st.floats(0, 1).map(lambda x: x + 0.0),
    seed=st.integers(0, 2**63 - 1),
    size=st.none() | st.integers(1, 1024),
    skip_broken=st.booleans(),
    script=st.none() | st.sampled_from(list(SCRIPTS)),
    fonts=st.none()
    | st.text(string.ascii_letters + " /._=+é", min_size=1).map(str.strip).filter(bool),
)
names = st.text(min_size=1).map(str.strip).filter(bool)


@given(names, subsets)
def test_round_trip(name: str, subset: Subset) -> None:
    assert parse(format_spec(name, subset)) == (name, subset)


@given(names, subsets, st.randoms())
def test_any_order_and_spacing_has_one_canonical_text(name, subset, random) -> None:
    canonical = format_spec(name, subset)
    inside = canonical.removeprefix(name).removeprefix("[").removesuffix("]")
    items = [item for item in inside.split(", ") if item]
    random.shuffle(items)
    loose = f"  {name} [ " + " ,".join(f" {item.replace('=', ' = ', 1)} " for item in items) + "] "
    assert format_spec(*parse(loose)) == canonical


@given(st.text(alphabet="abc019[]=,+- ._per_classnoise", max_size=40))
def test_any_text_is_parsed_or_rejected_in_one_line(text: str) -> None:
    refusal = None
    try:
        name, subset = parse(text)
    except UsageError as error:
        refusal = str(error)
    assert refusal is None or "\n" not in refusal
    assert refusal is not None or parse(format_spec(name, subset)) == (name, subset)


@pytest.mark.parametrize(
    ("text", "name", "subset"),
    [
        ("digits", "digits", Subset()),
        ("digits[]", "digits", Subset()),
        ("digits[classes=0-4]", "digits", Subset(classes=(0, 1, 2, 3, 4))),
        ("digits[classes=7+0+3]", "digits", Subset(classes=(0, 3, 7))),
        ("digits[classes=0-2+8]", "digits", Subset(classes=(0, 1, 2, 8))),
        ("x[classes=dog+cat+3]", "x", Subset(classes=(3, "cat", "dog"))),
        ("x[per_class=5, noise=.2,imbalance=10]", "x", Subset((), 5, 10.0, 0.2)),
        ("./a[1][seed=3]", "./a[1]", Subset(seed=3)),
        ("x[broken=skip,size=48]", "x", Subset(size=48, skip_broken=True)),
        ("x[script=thai, fonts= ./a b]", "x", Subset(script="thai", fonts="./a b")),
    ],
)
def test_parse(text: str, name: str, subset: Subset) -> None:
    assert parse(text) == (name, subset)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("x[classes=2019003+100000-100001]", "x[classes=100000-100001+2019003]"),
        ("x[classes=007+7]", "x[classes=7+007]"),
        ("digits[classes=3+2+1+7]", "digits[classes=1-3+7]"),
        ("digits[noise=0, imbalance=1, seed=0]", "digits"),
        ("digits[seed=2,noise=0.50,per_class=07]", "digits[per_class=7, noise=0.5, seed=2]"),
        ("digits[imbalance=1e2]", "digits[imbalance=100]"),
        ("x[noise=-0]", "x"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert format_spec(*parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("digits[clases=1]", "unknown key 'clases'"),
        ("digits[per_class=0]", "per_class must be a positive whole number"),
        ("digits[per_class=1.5]", "per_class must be a positive whole number"),
        ("digits[per_class]", "per_class must be a positive whole number"),
        ("digits[noise=1.1]", "noise must be a number from 0 to 1"),
        ("digits[noise=nan]", "noise must be a number from 0 to 1"),
        ("digits[imbalance=0.5]", "imbalance must be a number from 1"),
        ("digits[imbalance=inf]", "imbalance must be a number from 1"),
        ("digits[classes=4-0]", "classes must be like 0-4"),
        ("digits[classes=0-99999999999]", "classes must be like 0-4"),
        ("digits[classes=5-100005]", "classes must be like 0-4"),
        ("digits[classes=]", "classes must be like 0-4"),
        ("digits[classes=1++2]", "classes must be like 0-4"),
        ("digits[seed=-1]", "seed must be a whole number"),
        ("digits[broken=keep]", "broken must be skip"),
        ("digits[size=5000]", "size must be pixels per side"),
        (
            "x[script=klingon]",
            "script must be one of latin, greek, cyrillic, hebrew, arabic, thai, d",
        ),
        ("x[script]", "script must be one of latin"),
        ("x[fonts=]", "fonts must be the path of a folder"),
        ("digits[seed=1, seed=2]", "seed is given twice"),
        ("digits[seed=1", "unbalanced bracket"),
        ("digits]", "unbalanced bracket"),
        ("digits[seed=1]]", "unbalanced bracket"),
        ("digits[seed=1]x", "unbalanced bracket"),
        ("[seed=1]", "no data set is named"),
        ("", "no data set is named"),
    ],
)
def test_rejects(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]*$") as caught:
        parse(text)
    assert says in str(caught.value)


def test_without_folders() -> None:
    assert Subset(size=3, fonts="/home/me/fonts").without_folders() == Subset(size=3, fonts="fonts")
    assert Subset(size=3).without_folders() == Subset(size=3)
    assert Subset(fonts="/").without_folders() == Subset(fonts="/")


def test_every_field_has_a_key() -> None:
    assert {field for field, _, _ in _KEYS.values()} == {
        field.name for field in dataclasses.fields(Subset)
    }
