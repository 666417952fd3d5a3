"""One seed trained again is the seed that the study has measured."""

import numpy as np
import pandas as pd
import pytest
import torch

from sweeper import models
from sweeper.report.page.feature_plots import feature_plots
from sweeper.report.page.features import Features, cannot_be_drawn, departures
from sweeper.report.page.files import Files
from sweeper.report.page.reported import losses_at_their_best
from sweeper.report.page.retraining import retrained
from sweeper.store import EpochRecord, SeedRecord, TrialRecord, record_trial
from sweeper.training import FusedTrainer, Interrupted, measure

SETTINGS = [
    {"loss": "softmax", "lr": 0.01},
    {"loss": "arcface", "m2": 0.2, "scale": 16.0, "lr": 0.01},
    {"loss": "cosface", "m3": 0.2, "subcenters": 2, "lr": 0.01},
    {"loss": "triplet", "lr": 0.01},
    {"loss": "softmax", "beside": ["center"], "lr": 0.01},
]
CPU = torch.device("cpu")
#: An array and one of its members alone round otherwise, and how much comes of it in training
#: depends on the processor: 2e-3 of coordinates up to 5 were seen.
_ROUNDING = 0.01


@pytest.fixture
def trained(make_study):
    """Train all settings and seeds of an experiment as one array, as a worker does."""

    def train(embedding, settings=SETTINGS, **content):
        given = {"settings": settings, "embedding": embedding, "dataset": "digits[per_class=40]"}
        opened = make_study(kind="experiment", **given | content)
        spec = opened.spec
        data = opened.task.training_data(CPU)
        trainer = FusedTrainer(data, spec.settings_list(), range(spec.seeds), spec.recipe)
        for _ in range(spec.epochs):
            trainer.train_epoch()
        accuracy = measure(trainer, spec.objectives).values["accuracy"]
        for number, setting in enumerate(spec.settings_list()):
            seeds = tuple(
                SeedRecord(
                    seed, {"accuracy": float(accuracy[seed, number])}, (EpochRecord(1, 1.0, 0.5),)
                )
                for seed in range(spec.seeds)
            )
            record = TrialRecord(setting, "complete", number=number, epochs=2, seeds=seeds)
            record_trial(opened.database, opened.stored.id, record, opened.stored.split)
        return opened, trainer

    return train


def test_what_comes_out_is_what_was_measured(trained, reported):
    opened, trainer = trained(2)
    chosen, _ = losses_at_their_best(reported(opened))
    shares = []
    features = retrained(opened, chosen, CPU, on_share=shares.append)
    assert shares == pytest.approx([i / 10 for i in range(1, 11)])
    assert len(features.accuracy) == 5
    for stored, again in features.accuracy.values():
        assert again == pytest.approx(stored, abs=1e-6)
    assert departures(features).endswith("each loss has the accuracy that is stored for it.")
    # The array's own embeddings of the same samples, and its own directions.
    points = features.points
    test = opened.task.split.test
    every = trainer.embed(opened.task.dataset.inputs[test])
    for k, setting in enumerate(opened.spec.settings_list()):
        own = points[points["setting"] == setting.describe()]
        samples = own[own["what"] == "after training"]
        assert samples["sample"].tolist() == test.tolist()
        assert samples[["x", "y"]].to_numpy() == pytest.approx(every[k].numpy(), abs=_ROUNDING)
        right = (samples["class"] == samples["predicted"]).mean()
        assert right == pytest.approx(features.accuracy[setting.describe()][1], abs=1e-6)
        loss = trainer.member_state(0, k)[1]
        directions = own[own["sample"].isna()]
        at = loss[
            {"triplet": "means"}.get(setting.loss, "loss.weight" if setting.terms else "weight")
        ]
        assert directions[["x", "y"]].to_numpy() == pytest.approx(at.reshape(-1, 2), abs=_ROUNDING)
        assert set(directions["what"]) == {
            "class means" if setting.loss == "triplet" else "class weights"
        }
    # Before training: the net as its seed draws it.
    torch.manual_seed(0)
    net = models.build(opened.spec.net, opened.task.dataset.input_shape, 2)
    with torch.no_grad():
        drawn = net.eval()(trainer.data.batch(opened.task.dataset.inputs[test]))
    before = points[points["what"] == "before training"]
    assert before[["x", "y"]].to_numpy() == pytest.approx(drawn.numpy(), abs=1e-5)
    assert before["predicted"].isna().all()


def test_stopped_half_way(trained, reported):
    opened, _ = trained(2, SETTINGS[:1])
    chosen, _ = losses_at_their_best(reported(opened))
    with pytest.raises(Interrupted):
        retrained(opened, chosen, CPU, stop=lambda: True)


def test_another_accuracy_is_told():
    features = Features(
        pd.DataFrame(), {"softmax": (0.9, 0.9), "arcface": (0.8, 0.7975)}, 0, "cuda"
    )
    assert "was trained again on cuda" in departures(features)
    assert ": arcface 79.75 % (80.00 % stored). The embeddings" in departures(features)


def test_what_cannot_be_drawn():
    assert cannot_be_drawn("mine", 2, 10, ["softmax"]) is None
    assert "an embedding of 64" in cannot_be_drawn("mine", 64, 10, ["softmax"])
    assert "100 classes" in cannot_be_drawn("mine", 3, 100, ["softmax"])
    assert "nothing complete" in cannot_be_drawn("mine", 3, 10, [])
    assert "7 losses" in cannot_be_drawn("mine", 3, 10, ["softmax"] * 7)


def test_in_the_plane(trained, reported, tmp_path):
    opened, _ = trained(2)
    study = reported(opened)
    features = retrained(opened, losses_at_their_best(study)[0], CPU)
    files = Files({})
    (shown,) = feature_plots(study, features, files, "mine/")
    assert (shown.key, shown.data) == ("mine-features", "mine/features.csv")
    assert "directions of the class weights" in shown.caption
    path = tmp_path / "features.csv"
    path.write_bytes(files.contents["mine/features.csv"])
    table = pd.read_csv(path, dtype={"class": str})
    test = len(opened.task.split.test)
    assert len(table) == test * 6 + 10 * 6  # before, five losses; one has two centers a class
    assert np.allclose(table["x"], features.points["x"])


def test_on_the_sphere(trained, reported):
    opened, _ = trained(3, SETTINGS[:2])
    study = reported(opened)
    features = retrained(opened, losses_at_their_best(study)[0], CPU)
    (shown,) = feature_plots(study, features, Files({}), "")
    assert "sphere is turned" in shown.caption
    assert '"type":"scatter3d"' in shown.content
