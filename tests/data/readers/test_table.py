from pathlib import Path

import pytest

from sweeper.data import TEST, TRAIN, VALIDATION, load
from sweeper.errors import SweeperError, UsageError


@pytest.fixture
def folder(tmp_path: Path, write_images) -> Path:
    write_images(tmp_path, {f"images/{i}.png": (8, 8, 3) for i in range(4)})
    return tmp_path


def test_reads_labels_groups_and_split(folder: Path) -> None:
    table = folder / "data.csv"
    table.write_text(
        "\ufeffpath, label ,group,split,ignored\n"
        "images/0.png,cat,anna,train,1\n"
        'images/1.png,"dog, big",ben,val,2\n'
        "images/2.png,cat,anna,train\n\n"
        "images/3.png,cat,carl,test,,\n",
        encoding="utf-8",
    )
    dataset = load(str(table))
    assert dataset.class_names == ("cat", "dog, big")
    assert dataset.labels.tolist() == [0, 1, 0, 0]
    assert dataset.groups is not None
    assert dataset.parts is not None
    assert dataset.groups.tolist() == [0, 1, 0, 2]
    assert dataset.parts.tolist() == [TRAIN, VALIDATION, TRAIN, TEST]
    assert dataset.inputs.shape == (4, 3, 8, 8)
    assert (dataset.name, dataset.source) == (str(table), f"{folder.name}/data.csv")
    assert dataset.group_names == ("anna", "ben", "carl")


def test_group_and_split_are_optional(folder: Path) -> None:
    (folder / "data.csv").write_text("label,path\n1,images/0.png\n10,images/1.png\n9,images/2.png")
    dataset = load(str(folder / "data.csv"))
    assert dataset.class_names == ("1", "9", "10")
    assert dataset.groups is None
    assert dataset.parts is None


@pytest.mark.parametrize(
    ("text", "says", "status"),
    [
        ("", "line 1: no column 'path' among none", 2),
        ("path;label\nimages/0.png;a\n", "line 1: no column 'path' among 'path;label'", 2),
        ("path,class\nimages/0.png,a\n", "line 1: no column 'label' among 'path', 'class'", 2),
        ("path,label\n", "no images are listed", 1),
        ("path,label\nimages/0.png,a\nimages/1.png,\n", "line 3: label is empty", 1),
        ("path,label\nimages/0.png,a\nimages/1.png\n", "line 3: label is empty", 1),
        (
            "path,label\nimages/0.png,a\nimages/0.png,b\n",
            "line 3: images/0.png is already on line 2",
            1,
        ),
        ("path,label\nimages/0.png,a\nimages/9.png,b\n", "line 3: no file", 1),
        ("path,label,split\nimages/0.png,a,rest\n", "line 2: split 'rest' is none of train", 1),
        (f"path,label\nimages/0.png,a\n{'x' * 5000},b\n", "line 3: no file", 1),
        ("path,label\nimages/0.png,a\nimages/1.png,a\n", "only one class ('a')", 1),
        ('path,label\nimages/0.png,"a\n', "as a CSV in UTF-8", 1),
    ],
)
def test_bad_tables(folder: Path, text: str, says: str, status: int) -> None:
    (folder / "data.csv").write_text(text)
    with pytest.raises(SweeperError, match=r"^[^\n]*data\.csv[^\n]*$") as caught:
        load(str(folder / "data.csv"))
    assert says in str(caught.value)
    assert caught.value.status == status


def test_split_names_in_any_case(folder: Path) -> None:
    words = enumerate(("Training", "train", "DEV", "Testing"))
    rows = "\n".join(f"images/{i}.png,{'ab'[i % 2]},{word}" for i, word in words)
    (folder / "data.csv").write_text("path,label,split\n" + rows)
    dataset = load(str(folder / "data.csv"))
    assert dataset.parts is not None
    assert dataset.parts.tolist() == [TRAIN, TRAIN, VALIDATION, TEST]


def test_a_label_with_more_digits_than_python_parses(folder: Path) -> None:
    longest = "7" * 5000
    rows = f"images/0.png,{longest}\nimages/1.png,12\nimages/2.png,{longest[:-1]}8\n"
    (folder / "data.csv").write_text("path,label\n" + rows)
    dataset = load(str(folder / "data.csv"))
    assert dataset.class_names == ("12", longest, longest[:-1] + "8")
    assert load(f"{folder / 'data.csv'}[classes=0-1]").class_names == ("12", longest)


def test_not_utf8(folder: Path) -> None:
    (folder / "data.csv").write_bytes(b"path,label\nimages/0.png,\xff\n")
    with pytest.raises(SweeperError, match="as a CSV in UTF-8"):
        load(str(folder / "data.csv"))


def test_missing_and_broken_images_are_skipped_on_request(folder: Path) -> None:
    (folder / "images" / "1.png").write_bytes(b"broken")
    rows = "\n".join(f"images/{i}.png,{'ab'[i % 2]}" for i in (9, 0, 1, 2, 3))
    (folder / "data.csv").write_text("path,label\n" + rows)
    dataset = load(f"{folder / 'data.csv'}[broken=skip]")
    assert dataset.labels.tolist() == [0, 0, 1]


def test_columns_are_found_in_any_case_of_letters(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"{i}.png": (8, 8) for i in range(8)})
    rows = [f"{i}.png,{'ab'[i % 2]},p{i // 2},{'train' if i < 4 else 'test'}" for i in range(8)]
    (tmp_path / "list.csv").write_text("\n".join(["Path,LABEL,Group,Split", *rows]))
    dataset = load(str(tmp_path / "list.csv"))
    assert dataset.groups is not None
    assert dataset.groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert dataset.parts is not None
    assert dataset.parts.tolist() == [0] * 4 + [2] * 4


def test_columns_that_are_not_read_are_named(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"{i}.png": (8, 8) for i in range(4)})
    rows = [f"{i}.png,{'ab'[i % 2]},x,y" for i in range(4)]
    (tmp_path / "list.csv").write_text("\n".join(["path,label,groups,fold", *rows]))
    (note, *_) = load(str(tmp_path / "list.csv")).notes
    assert note.startswith("columns that are not read: 'groups', 'fold'; read are path, label")


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("path,label,Label\n1.png,a,b\n")
    with pytest.raises(UsageError, match=r"column 'label' appears twice; keep one$"):
        load(str(tmp_path / "list.csv"))
