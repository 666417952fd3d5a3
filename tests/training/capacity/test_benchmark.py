"""Members per array, measured once per machine and remembered."""

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from sweeper.registry.setting import Setting
from sweeper.training import (
    TrainingProtocol,
    TrainingRecipe,
    fit_fewer,
    fitting_members,
    measured_members,
)
from sweeper.training.capacity.benchmark import fastest

ARCFACE = [Setting("arcface", m2=0.3)]
WHAT = TrainingRecipe("compact", 8, 1, 16)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "root"))
    return tmp_path / "root" / "members.json"


def test_what_was_measured_is_remembered(cache, make_data):
    data = make_data((1, 8, 8), dtype=torch.float32)
    members = measured_members(data, ARCFACE, WHAT)
    assert members in {1, 2, 4, 8, 16, 32, 64}
    ((key, kept),) = json.loads(cache.read_text()).items()
    assert kept == members
    for part in ("compact on 1x8x8 to 8", "batches of 16", "float32", torch.__version__):
        assert part in key
    cache.write_text(json.dumps({key: 5}))
    assert measured_members(data, ARCFACE, WHAT) == 5
    assert fitting_members(data, WHAT) == 5


def rates_of(*first, then):
    """Measure what is given first for 1, 2, 4, ... and afterwards what is true."""
    left = dict(zip((1, 2, 4, 8, 16, 32, 64), first, strict=False))
    return lambda members: left.pop(members, None) or then(members)


@pytest.mark.parametrize(
    ("rate", "best"),
    [
        (lambda members: members, 64),
        (lambda members: 1 / members, 1),
        (lambda members: min(members, 16), 16),
        (lambda members: min(members, 4) + members / 1000, 4),  # hardly faster beyond
        (rates_of(1.0, 0.7, 0.9, then=lambda members: min(members, 16)), 16),  # a busy moment
        (rates_of(0.1, then=lambda members: 1 / members), 1),
        (lambda members: None if members > 8 else members, 8),  # memory
    ],
)
def test_the_fastest_number_is_found_also_where_one_measurement_is_disturbed(rate, best):
    assert fastest(rate, 64, lambda: False) == best


def test_without_time_one_number_is_measured():
    assert fastest(lambda members: members, 64, lambda: True) == 1


def test_each_net_batch_precision_and_number_of_threads_has_its_own(cache, make_data):
    data = make_data((1, 8, 8), dtype=torch.float32)
    measured_members(data, ARCFACE, WHAT)
    (key,) = json.loads(cache.read_text())
    cache.write_text(json.dumps({key: 5}))
    assert fitting_members(data, WHAT) == 5
    assert fitting_members(data, replace(WHAT, net="four-layer")) != 5
    assert fitting_members(data, replace(WHAT, batch_size=17)) != 5
    assert fitting_members(data, WHAT, pairs=True) != 5
    assert fitting_members(make_data((1, 8, 8), dtype=torch.float64), WHAT) != 5
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        assert fitting_members(data, WHAT) != 5
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("content", ["", "{", "[1]", "null"])
def test_a_broken_file_is_measured_anew(content, cache, make_data):
    cache.parent.mkdir()
    cache.write_text(content)
    data = make_data((6,), dtype=torch.float32)
    members = measured_members(data, ARCFACE, TrainingRecipe("head", 6, 1, 16))
    assert list(json.loads(cache.read_text()).values()) == [members]


def test_without_a_place_to_write_it_is_remembered_by_the_process(tmp_path, monkeypatch, make_data):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "file"))
    data = make_data((7,), dtype=torch.float32)
    recipe = TrainingRecipe("head", 7, 1, 16)
    fit_fewer(data, recipe, pairs=False, members=3)
    assert fitting_members(data, recipe) == 3


def test_batches_of_every_class_can_be_timed(cache, make_data):
    data = make_data((1, 8, 8), classes=3, n=60, dtype=torch.float32)
    recipe = replace(WHAT, protocol=TrainingProtocol(per_class=4))
    began = time.monotonic()
    assert measured_members(data, ARCFACE, recipe) >= 1
    assert time.monotonic() - began < 20
    (key,) = json.loads(cache.read_text())
    assert "batches of 12" in key


def test_what_pytorch_imports_late_takes_no_time_from_the_measurement(cache):
    code = """
import torch
from sweeper.registry.setting import Setting
from sweeper.training import TrainingRecipe, measured_members
from sweeper.training.capacity import benchmark
from sweeper.training.samples import Samples, TrainingData

torch.set_num_threads(1)
benchmark._SECONDS["cpu"] = 0.5  # less than the imports take
labels = torch.arange(200) % 4
samples = Samples(torch.randn(200, 8), labels)
data = TrainingData(
    train=samples, validation=samples, measured=samples, held_out=None, num_classes=4,
    mean=torch.zeros(()), std=torch.ones(()), dtype=torch.float32,
)
print(measured_members(data, [Setting("arcface", m2=0.3)], TrainingRecipe("head", 8, 1, 16)))
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 1  # small layers: the work of a step hardly grows with the members
