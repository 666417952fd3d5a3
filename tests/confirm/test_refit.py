"""A refit is what a plain loop over all samples gives, and is exported as what it is."""

import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import normalize
from torchvision.models import get_model

from sweeper import models
from sweeper.confirm.confirmation import confirm, find_contenders
from sweeper.confirm.export import export_files, refit_files, write
from sweeper.confirm.refit import refit
from sweeper.errors import SweeperError
from sweeper.losses import make_loss
from sweeper.training import Interrupted
from tests.confirm.test_exported_figures import measured

CPU = torch.device("cpu")


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: what is trained does not depend on it."""
    return sqlite_database


@pytest.fixture
def confirmed(start, work):
    def make(spec):
        opened = start(spec)
        work(opened)
        return opened, *confirm(opened, find_contenders(opened.database, opened.stored), 2, CPU)

    return make


def plain_loop(inputs, labels, setting, seed, spec, num_classes):
    """Train as anybody would write it: AdamW, a cosine, shuffled batches of all samples."""
    torch.manual_seed(seed)
    net = models.build(spec.net, tuple(inputs.shape[1:]), spec.embedding)
    loss = make_loss(setting, num_classes, spec.embedding)
    optimizer = torch.optim.AdamW(
        [*net.parameters(), *loss.parameters()], lr=setting.lr, weight_decay=setting.weight_decay
    )
    count = math.ceil(len(labels) / spec.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, spec.epochs * count)
    for epoch in range(spec.epochs):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
        for batch in torch.randperm(len(labels), generator=generator).tensor_split(count):
            optimizer.zero_grad()
            loss(net(inputs[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    return net.state_dict(), loss.state_dict()


@pytest.mark.parametrize("objective", ["accuracy", "retrieval"])
def test_the_weights_are_those_of_a_plain_loop_over_all_samples(objective, confirmed, quick):
    opened, confirmation, winner = confirmed(
        quick(objectives=[objective], net="linear", embedding=6, fixed={"lr": 0.01})
    )
    done = refit(opened, confirmation, CPU)
    assert (done.winner.trial, done.winner.seed) == (winner.trial, winner.seed)
    saved = np.load(opened.task.dataset.name)
    expected = plain_loop(
        torch.from_numpy(saved["embeddings"]),
        torch.from_numpy(saved["labels"]),
        winner.trial.setting,
        winner.seed,
        opened.spec,
        7,
    )
    for found, of_loop in zip((done.winner.net, done.winner.loss), expected, strict=True):
        for name, value in of_loop.items():
            torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(done.winner.net["0.weight"], winner.net["0.weight"], atol=1e-3)
    # Nine batches of 140 samples where six were of 84, or fewer classes were trained.
    assert done.budget.startswith("2 epochs, as in the study, so that each sample is seen as often")
    assert ": 18 steps, where the confirmed weights had " in done.budget


@pytest.mark.parametrize("objective", ["accuracy", "retrieval"])
def test_the_export_says_what_it_is_and_loads_in_a_process_of_its_own(
    objective, confirmed, quick, tmp_path
):
    opened, confirmation, winner = confirmed(quick(objectives=[objective], net="linear", epochs=9))
    done = refit(opened, confirmation, CPU)
    files = refit_files(opened, confirmation, done)
    write(tmp_path, files, opened.spec.net)
    assert sorted(files) == ["README.md", "load.py", "setting.json", "weights.pt"]

    dataset = opened.task.dataset
    described = json.loads(files["setting.json"])
    assert described["classes"] == list(dataset.class_names)
    assert described["training"]["samples"] == len(dataset) == 140
    assert described["training"]["schedule"]["steps"] == 9 * 9
    assert not described.keys() & {"test", "validation", "verdict", "split"}
    before = json.loads(export_files(opened, confirmation, winner)["setting.json"])
    for name in ("training", "split", "verdict", "test", "validation"):
        assert described["confirmed"][name] == before[name]
    caution = "trained on all 140 samples, the test samples among them, so none is left to measure"
    assert described["refit"]["measured_on"] is None
    assert described["refit"]["notes"] == [done.caution, done.budget]
    assert done.caution.startswith(caution)
    trained = len(opened.task.split.of_seed(winner.seed).trained_classes)
    assert (trained < 7) == (objective == "retrieval")
    assert done.caution.endswith(
        f" samples of {trained} of 7 classes" if trained < 7 else " samples"
    )
    readme = files["README.md"].decode()
    assert caution in readme
    assert f"test {objective} " in readme

    inputs, labels = dataset.inputs.numpy(), dataset.labels.numpy()
    share, _ = measured(tmp_path, tmp_path, inputs=inputs, labels=labels)
    features = torch.nn.functional.linear(dataset.inputs, *done.winner.net.values())
    cosines = normalize(features) @ normalize(done.winner.loss["weight"]).T
    assert share == pytest.approx((cosines.argmax(1) == dataset.labels).double().mean().item())
    assert share > 0.5  # guessing has a seventh


def test_given_parts_train_too(confirmed, study, tmp_path):
    generator = np.random.default_rng(0)
    for part, number in (("train", 8), ("val", 4), ("test", 4)):
        for c in range(2):
            (tmp_path / "photos" / part / f"class{c}").mkdir(parents=True)
            for k in range(number):
                values = generator.integers(100 * c, 100 * c + 150, (20, 20, 3)).astype(np.uint8)
                name = tmp_path / "photos" / part / f"class{c}" / f"{k}.png"
                Image.fromarray(values).save(name)
    sizes = {"epochs": 1, "seeds": 1, "n_trials": 1, "batch_size": 8, "sampler": "random"}
    opened, confirmation, _ = confirmed(
        study(dataset=str(tmp_path / "photos"), net="compact", **sizes)
    )
    done = refit(opened, confirmation, CPU)
    assert len(done.opened.task.split.train) == 32
    assert len(opened.task.split.train) == 16
    described = json.loads(refit_files(opened, confirmation, done)["setting.json"])
    every = opened.task.dataset.inputs.double().transpose(0, 1).flatten(1)
    assert described["inputs"]["mean"] == pytest.approx(every.mean(1).tolist())
    assert "trained on all 32 samples" in done.caution
    assert "were trained on 16 samples" in done.caution


def test_a_frozen_net_is_refit_and_takes_images(confirmed, study, tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path / "data"))  # for the features
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        torch.save(get_model("shufflenet_v2_x0_5").state_dict(), tmp_path / "w.pt")
    net = f"shufflenet_v2_x0_5[weights={tmp_path / 'w.pt'}, size=32, body=frozen, head=linear]"
    sizes = {"epochs": 1, "seeds": 1, "n_trials": 1, "batch_size": 16, "sampler": "random"}
    opened, confirmation, _ = confirmed(
        study(dataset="digits[classes=0-1, per_class=10]", net=net, **sizes)
    )
    done = refit(opened, confirmation, CPU)
    files = refit_files(opened, confirmation, done)
    write(tmp_path, files, opened.spec.net)
    loaded = subprocess.run(
        [sys.executable, tmp_path / "load.py"], capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "features (2, 64), logits (2, 2)\n"
    assert json.loads(files["setting.json"])["training"]["samples"] == 20


def test_what_diverges_is_not_exported(confirmed, quick):
    opened, confirmation, _ = confirmed(quick(net="linear"))
    dataset = opened.task.dataset
    broken = dataset.inputs.clone()
    broken[opened.task.split.test[0]] = math.inf
    task = replace(opened.task, dataset=replace(dataset, inputs=broken))
    with pytest.raises(SweeperError, match=r"diverged with seed .*; use the confirmed ones"):
        refit(replace(opened, task=task), confirmation, CPU)


def test_it_can_be_interrupted(confirmed, quick):
    opened, confirmation, _ = confirmed(quick(net="linear"))
    with pytest.raises(Interrupted):
        refit(opened, confirmation, CPU, stop=lambda: True)
