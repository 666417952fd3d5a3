"""What others train with: the table is sound, and what is named of it is what is nearest."""

import csv
import json
import math
import random
import zipfile
from itertools import pairwise

import pytest

from sweeper.errors import SweeperError
from sweeper.registry.losses import LOSSES
from sweeper.repository import files, sources
from sweeper.repository.plan import STARTS
from sweeper.repository.practice import COLUMNS_SHOWN, NAMED, nearest_practices, practices

FOLDER = sources.shipped_folder()


def rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_dictionary_names_every_column_in_order():
    told = rows("practice-dictionary.csv")
    assert [row["column"] for row in told] == list(rows("practice.csv")[0])
    assert all(row["meaning"] and row["type"] in ("text", "integer", "number") for row in told)


@pytest.mark.parametrize("other", practices(), ids=lambda other: f"{other.data} {other.loss}")
def test_a_row_is_sound(other):
    assert other.kind in ("images", "sound", "text")
    assert other.start in ("", *STARTS)
    assert other.varies in ("constant", "ramp", "per class", "per sample")
    assert other.source
    assert (other.num_samples is None) == (other.counted == "")
    assert other.scale is None or 1 < other.scale < 100
    assert 0 <= other.low <= other.high <= {"m2": math.pi / 2, "m3": 1, "own": 1}[other.margin]
    if other.varies == "constant":
        assert other.low == other.high
    if other.per_class is not None:
        assert 1 <= other.per_class < 5000
    if other.loss in LOSSES:
        assert other.margin in LOSSES[other.loss].margins


def test_no_row_is_there_twice():
    assert len(set(practices())) == len(practices()) > 30


@pytest.mark.parametrize("start", STARTS)
def test_the_nearest_are_those_that_a_search_through_all_pairs_finds(start):
    """The start is worth more than the kind of data, and that more than any ratio of classes."""
    for num_classes in (2, 30, 803, 20_000, 10**6):
        named = nearest_practices(start, num_classes)
        assert len({other.data for other in named}) == len(named) == NAMED
        others = [other for other in practices() if other.data not in {n.data for n in named}]
        for near in named:
            for far in others:
                assert not closer(far, near, start, num_classes)
        for first, second in pairwise(named):
            assert not closer(second, first, start, num_classes)


def closer(one, other, start, num_classes):
    def steps(of):
        return abs(STARTS.index(of.start) - STARTS.index(start)) if of.start else 99

    def unlike(of):
        return of.kind != "images" and start != "frozen"

    def ratio(of):
        classes = of.num_classes or math.inf
        return max(classes / num_classes, num_classes / classes)

    if steps(one) != steps(other):
        return steps(one) < steps(other)
    if unlike(one) != unlike(other):
        return unlike(other)
    return ratio(one) < ratio(other) * (1 - 1e-12)


def test_known_neighbors():
    few, *_ = nearest_practices("scratch", 12)
    assert (few.data, few.start) == ("CIFAR-10-LT", "scratch")
    faces, *_ = nearest_practices("scratch", 90_000)
    assert (faces.domain, faces.scale) == ("face", 64)
    head, *_ = nearest_practices("frozen", 803)
    assert (head.data, head.start) == ("GUIE 2022", "frozen")
    fashion, *_ = nearest_practices("tuned", 4000)
    assert fashion.data == "In-shop"


def test_every_line_fits_a_terminal():
    rng = random.Random(0)
    for start in STARTS:
        for _ in range(100):
            named = nearest_practices(start, round(10 ** rng.uniform(0.31, 6)))
            table = zip(COLUMNS_SHOWN, *(other.cells() for other in named), strict=True)
            assert sum(max(map(len, column)) + 2 for column in table) < 100


def test_json_has_a_number_or_both_ends():
    for other in practices():
        shown = json.loads(json.dumps(other.to_dict(), allow_nan=False))
        assert shown.keys() == {"domain", "data", "loss", "m", "scale", "source"}
        ends = shown["m"] if isinstance(shown["m"], list) else [shown["m"]] * 2
        assert ends == [other.low, other.high]


def test_an_exported_repository_carries_nothing_of_it(world, tmp_path, database):
    """It comes with every program; an import would have it twice."""
    path = tmp_path / "known.zip"
    files.export(world().repository(sources=2, settings=4, seeds=2), path, sources.origin())
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {*files.TABLES, files.PROVENANCE}
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(FOLDER / "practice.csv", "practice.csv")
    with pytest.raises(SweeperError, match=r"'practice\.csv' that no repository has"):
        sources.import_file(database, path)
