"""A recommendation put to the test: the experiment that is made of it."""

import numpy as np
import pytest

from sweeper.registry.losses import LOSSES
from sweeper.study.advice import advise
from sweeper.study.recommendation_trial import comparison_experiment


@pytest.fixture(scope="module")
def advice(embeddings):
    return advise(str(embeddings), None, loss="arcface")


def test_every_setting_is_trained_once_the_recommended_one_first(advice):
    spec = comparison_experiment(advice)
    settings = spec.settings_list()
    baselines = {baseline.setting for baseline in advice.recommendation.baselines}
    assert settings[0] == advice.recommendation.setting
    shortlist = {each.setting for each in advice.recommendation.shortlist}
    assert len(shortlist) >= 3
    assert set(settings) == shortlist | baselines
    assert len(settings) == len(set(settings))
    assert spec.kind == "experiment"
    for setting in settings:
        for name in ("m1", "m2", "m3", "scale"):
            if name not in LOSSES[setting.loss].margins:
                assert getattr(setting, name) == getattr(type(setting)(setting.loss), name)


def test_it_is_trained_as_a_search_of_the_data_would_be(advice, embeddings):
    spec = comparison_experiment(advice)
    assert (spec.dataset, spec.net) == (str(embeddings), "head")
    assert (spec.epochs, spec.batch_size) == (advice.spec.epochs, advice.spec.batch_size)
    assert spec.name.startswith("clouds.npz-tried-accuracy-")


def test_other_settings_make_another_experiment(advice, embeddings):
    other = advise(str(embeddings), None, loss="cosface")
    same = advise(str(embeddings), None, loss="arcface")
    assert comparison_experiment(same).name == comparison_experiment(advice).name
    if other.recommendation.setting != advice.recommendation.setting:
        assert comparison_experiment(other).name != comparison_experiment(advice).name


def test_more_images_get_as_many_steps_in_fewer_epochs(tmp_path):
    rng = np.random.default_rng(0)
    for images, name in ((60, "few.npz"), (6000, "many.npz")):
        labels = np.arange(images) % 3
        points = (rng.normal(size=(images, 4)) + labels[:, None]).astype(np.float32)
        np.savez(tmp_path / name, embeddings=points, labels=labels)
    few, many = (advise(str(tmp_path / name), None).spec for name in ("few.npz", "many.npz"))
    assert (few.batch_size, few.epochs) == (32, 500)
    # Of 6,000 images a search trains on 3,600: what `sweeper run` takes for these.
    assert (many.batch_size, many.epochs) == (32, 20)
