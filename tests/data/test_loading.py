from dataclasses import replace
from pathlib import Path

import pytest

from sweeper.data import describe, load, names
from sweeper.errors import SweeperError, UsageError


@pytest.fixture
def photos(tmp_path: Path, write_images) -> Path:
    write_images(tmp_path, {f"my [photos]/{c}/{i}.png": (8, 8) for c in "ab" for i in range(5)})
    return tmp_path / "my [photos]"


def test_the_name_loads_the_same_again() -> None:
    dataset = load(" digits[ seed=2,noise=0.1 , classes = 4+0-2 ] ")
    assert dataset.name == "digits[classes=0-2+4, noise=0.1, seed=2]"
    assert load(dataset.name).fingerprint() == dataset.fingerprint()


@pytest.mark.parametrize("subset", ["", "[per_class=3, seed=1]"])
def test_a_path_with_brackets(photos: Path, monkeypatch: pytest.MonkeyPatch, subset: str) -> None:
    monkeypatch.chdir(photos.parent)
    dataset = load(f"./my [photos]{subset}")
    assert len(dataset) == (6 if subset else 10)
    assert dataset.name == f"{photos}{subset or '[]'}"
    assert dataset.source == f"{photos.parent.name}/my [photos]"
    monkeypatch.chdir("/")
    again = load(dataset.name)
    assert (again.name, again.fingerprint()) == (dataset.name, dataset.fingerprint())


def test_a_path_with_only_a_closing_bracket(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"odd]/{c}/{i}.png": (8, 8) for c in "ab" for i in range(5)})
    dataset = load(str(tmp_path / "odd]"))
    assert len(dataset) == len(load(dataset.name)) == 10
    assert len(load(f"{tmp_path / 'odd]'}[per_class=3]")) == 6


def test_a_path_that_is_not_utf8(
    tmp_path: Path, write_images, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "\udcff"
    write_images(folder, {f"in/{c}/1.png": (8, 8) for c in "ab"})
    for working, spec in ((tmp_path, "./\udcff/in"), (folder, "./in")):
        monkeypatch.chdir(working)
        with pytest.raises(SweeperError, match=r"\\udcff/in is not UTF-8; rename it$"):
            load(spec)


def test_a_path_of_the_home_folder(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(photos.parent))
    assert len(load("~/my [photos]")) == 10
    assert len(load("~/my [photos][per_class=2]")) == 4


def test_a_built_in_name_wins_over_a_folder(
    tmp_path: Path, write_images, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_images(tmp_path, {f"digits/{c}/1.png": (8, 8) for c in "ab"})
    monkeypatch.chdir(tmp_path)
    assert load("digits").source == "digits"
    assert load("digits").num_classes == 10
    assert load("./digits").num_classes == 2


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("digit", UsageError, "unknown data set 'digit'; did you mean digits"),
        ("fashion_mnist", UsageError, "did you mean fashion-mnist"),
        ("./none", SweeperError, "there is no file or folder /"),
        ("none.csv", SweeperError, "there is no file or folder /"),
        ("x" * 5000, UsageError, "unknown data set 'xxx"),
        ("./" + "x" * 5000, SweeperError, "there is no file or folder /"),
        ("~nosuchuser/x", SweeperError, "there is no home folder for '~nosuchuser/x'"),
        ("~nosuchuser/x[per_class=1]", SweeperError, "there is no home folder for '~nosuchuser/x"),
        ("digits[clases=1]", UsageError, "unknown key 'clases'"),
        ("digits[size=16]", UsageError, "size is for data sets of image files"),
        ("digits[script=latin]", UsageError, "script is for glyphs, which 'digits' is not"),
        ("./none[fonts=.]", UsageError, "fonts is for glyphs, which './none' is not"),
        ("digits[classes=10-12]", UsageError, "there is no class 10; the classes are 0-9"),
        ("digits[per_class=1000]", UsageError, "has 178 images outside the test part"),
    ],
)
def test_invalid_specs(spec: str, error: type[SweeperError], says: str) -> None:
    with pytest.raises(error, match=r"^[^\n]*$") as caught:
        load(spec)
    assert says in str(caught.value)
    assert caught.value.status == error.status


def test_an_unsupported_file(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("")
    with pytest.raises(UsageError, match="is neither a folder nor"):
        load(str(tmp_path / "data.txt"))


def test_records_are_unique_and_complete() -> None:
    items = names()
    # Bundled data sets come first.
    first = ["digits", "mnist-5k", "mnist-pairs", "fuzzy-rgb", "wine", "breast-cancer", "glyphs"]
    assert [item.name for item in items][:7] == first
    assert len({item.name for item in items}) == len(items)
    for item in items:
        assert item.name == item.name.lower()
        assert " " not in item.name
        assert item.about
        assert item.origin
        assert item.images > item.classes > 1 or not item.images  # rendered from installed files


def test_describe() -> None:
    dataset = load("digits[per_class=20, noise=0.1]")
    told = describe(dataset)
    assert told.name == dataset.name
    assert (told.kind, told.shape, told.size) == ("images", (1, 8, 8), 200)
    assert told.classes == tuple((str(c), 20) for c in range(10))
    assert told.split == {"train": 120, "validation": 40, "test": 40}
    assert told.retrieval == {
        "train": 120, "validation": 0, "test": 0, "classes_trained": 6,
        "held_out_validation": 40, "held_out_test": 40,
    }  # fmt: skip
    assert (told.groups, told.label_noise) == (None, 0.1)
    assert told.fingerprint == dataset.fingerprint()
    assert told.missing == {"validation": (), "test": ()}
    few = describe(load("digits[classes=0-4]"))
    assert isinstance(few.retrieval, str)
    assert "at least 6 classes" in few.retrieval


def test_describe_lists_the_classes_missing_in_a_part(make_dataset) -> None:
    dataset = make_dataset(
        [0, 0, 1, 1, 2, 2, 3] * 3, parts=[0] * 7 + [1, 1, 1, 1, 2, 2, 0] + [2] * 7
    )
    told = describe(dataset)
    assert told.missing == {"validation": ("class 2", "class 3"), "test": ()}


def test_identities_as_groups_are_split_for_retrieval_alone() -> None:
    """A group that a class has to itself can be on one side only, with its whole class."""
    plain = load("digits[per_class=12]")
    told = describe(replace(plain, groups=plain.labels, group_names=plain.class_names))
    assert "retrieval alone" in told.split
    assert told.missing == {}
    assert told.retrieval["classes_trained"] == 6
    assert told.retrieval["held_out_test"] == 24
    few = load("digits[classes=0-2, per_class=12]")
    neither = describe(replace(few, groups=few.labels, group_names=few.class_names))
    assert "its groups cannot be divided" in neither.split
    assert isinstance(neither.retrieval, str)
