"""Tables of meta-features."""

import math

import pytest

from sweeper.errors import SweeperError
from sweeper.serve.uploads.table import read_table


@pytest.fixture
def read(tmp_path):
    def call(text):
        (tmp_path / "sent.csv").write_text(text, encoding="utf-8")
        return read_table(tmp_path / "sent.csv")

    return call


def test_counts_are_given_or_follow(read):
    plain = read("num_classes,per_class,accuracy_1nn\n20,30,0.5\n")
    assert (plain.num_classes, plain.per_class, plain.features) == (20, 30.0, {"accuracy_1nn": 0.5})
    logs = f"log_classes, log_images\n{math.log(20)}, {math.log(600)}\n\n"
    follows = read(logs)
    assert (follows.num_classes, follows.per_class) == (20, pytest.approx(30))
    means = read(f"log_classes,log_per_class_mean\n{math.log(20)},{math.log(30)}\n")
    assert means.per_class == pytest.approx(30)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("path,label\n/etc/passwd,a\n", "names files that are not here"),
        ("num_classes,per_class,acuracy_1nn\n2,3,4\n", "did you mean accuracy_1nn"),
        ("num_classes,per_class\n2,3\n4,5\n", "one line with a number"),
        ("num_classes,per_class\n2\n", "one line with a number"),
        ("num_classes,num_classes\n2,2\n", "different names"),
        ("num_classes,per_class\n2,=cmd\n", "write a number"),
        ("num_classes,per_class\n2,1e999\n", "write a number"),
        ("num_classes\n2\n", "add a column log_images"),
        ("per_class\n2\n", "add a column log_classes"),
        ("", "is empty"),
        ("\n" * 20_000, "at most 16 KiB"),
        ('"a\n', "cannot be read as a CSV"),
    ],
)
def test_what_is_no_such_table_is_one_line(read, text, says):
    with pytest.raises(SweeperError, match=says):
        read(text)


def test_other_encodings_are_one_line(tmp_path):
    (tmp_path / "sent.csv").write_bytes(b"\xff\xfe\0")
    with pytest.raises(SweeperError, match="CSV in UTF-8"):
        read_table(tmp_path / "sent.csv")
