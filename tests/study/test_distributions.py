import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from sweeper.registry.setting import Setting
from sweeper.study.distributions import (
    distributions,
    grid_space,
    parameters,
    rounded,
    searched,
    setting_distributions,
)
from sweeper.study.samplers.make import make_sampler


def test_ranges_and_choices_as_optuna_knows_them(study):
    spec = study(
        space={
            "m2": {"low": -0.2, "high": 0.8},
            "m3": {"low": 0, "high": 0.3, "step": 0.1},
            "scale": {"low": 2, "high": 128, "log": True},
            "lr": {"choices": [0.001, 0.01]},
        }
    )
    assert distributions(spec) == {
        "m2": FloatDistribution(-0.2, 0.8),
        "m3": FloatDistribution(0.0, 0.3, step=0.1),
        "scale": FloatDistribution(2.0, 128.0, log=True),
        "lr": CategoricalDistribution([0.001, 0.01]),
    }


def test_whole_numbers_are_whole_to_optuna(study):
    spec = study(
        beside=["center", "sigma2r"],
        space={
            "subcenters": {"low": 1, "high": 8, "log": True},
            "learn_scale": {"low": 0, "high": 1},
            "sigma2r": {"n_neighbors": {"low": 3, "high": 9, "step": 2}},
            "center": {"lambda": {"low": 1e-4, "high": 10, "log": True}},
            "warmup": {"low": 0, "high": 0.5},
            "term_lr": {"choices": [0.01, 0.5]},
        },
    )
    assert distributions(spec) == {
        "subcenters": IntDistribution(1, 8, log=True),
        "learn_scale": IntDistribution(0, 1),
        "sigma2r.n_neighbors": IntDistribution(3, 9, step=2),
        "center.lambda": FloatDistribution(1e-4, 10.0, log=True),
        "warmup": FloatDistribution(0.0, 0.5),
        "term_lr": CategoricalDistribution([0.01, 0.5]),
    }


@pytest.mark.parametrize("sampler", ["random", "qmc", "tpe", "grid", "nsga2"])
def test_optuna_proposes_settings_of_whole_numbers(study, sampler):
    spec = study(
        sampler=sampler,
        beside=["sigma2r"],
        space={
            "subcenters": {"low": 1, "high": 3, "step": 1},
            "sigma2r": {"n_neighbors": {"choices": [3, 5]}},
        },
        n_trials=6,
    )
    trials = optuna.create_study(sampler=make_sampler(spec, 0))
    seen = set()
    for _ in range(6):
        trial = trials.ask(distributions(spec))
        setting = spec.setting(trial.params)
        seen.add((setting["subcenters"], setting["sigma2r.n_neighbors"]))
        trials.tell(trial, 0.0)
    points = {(centers, near) for centers in (1.0, 2.0, 3.0) for near in (3.0, 5.0)}
    assert seen <= points
    if sampler == "grid":
        assert seen == points


def test_the_point_nearest_to_a_setting_has_whole_numbers(study):
    spec = study(
        beside=["center"],
        space={
            "m2": {"low": -0.2, "high": 0.8},
            "subcenters": {"low": 2, "high": 6},
            "center": {"lambda": {"low": 0.1, "high": 1}},
            "term_lr": {"low": 1e-4, "high": 1},
        },
    )
    point = searched(spec, Setting("arcface", m2=0.9, lr=0.25))
    assert point == {"m2": 0.8, "subcenters": 2, "center.lambda": 0.1, "term_lr": 0.25}
    assert isinstance(point["subcenters"], int)
    assert rounded({"subcenters": 2.6, "warmup": 0.6}) == {"subcenters": 3, "warmup": 0.6}


@pytest.fixture
def experiment(study):
    return study(
        kind="experiment",
        fixed={"lr": 0.01},
        settings=[{"loss": "softmax"}, {"loss": "arcface", "m2": [0.4, 0.5], "scale": 30}],
    )


def test_an_experiments_distributions_enclose_its_settings(experiment):
    found = distributions(experiment)
    assert found == {
        "loss": CategoricalDistribution(["softmax", "arcface"]),
        "m2": FloatDistribution(0.4, 0.5),
        "scale": FloatDistribution(30.0, 30.0),
        "lr": FloatDistribution(0.01, 0.01),
        "weight_decay": FloatDistribution(0.0, 0.0),
    }
    for setting in experiment.settings_list():
        for name, value in parameters(setting).items():
            assert found[name]._contains(found[name].to_internal_repr(value))


def test_a_setting_has_the_parameters_of_its_loss(experiment):
    softmax, arcface, _ = experiment.settings_list()
    assert set(setting_distributions(experiment, softmax)) == {"loss", "lr", "weight_decay"}
    assert set(setting_distributions(experiment, arcface)) == set(distributions(experiment))


@pytest.fixture
def terms(study):
    return study(
        kind="experiment",
        settings=[
            {"loss": "softmax"},
            {"loss": "softmax", "beside": ["sigma2r", "center"], "center": {"lambda": [0, 0.5]}},
            {"loss": "arcface", "beside": ["center"], "subcenters": [1, 3], "term_lr": 0.5},
        ],
    )


def test_terms_are_one_parameter_and_their_numbers_one_each(terms):
    found = distributions(terms)
    assert found["beside"] == CategoricalDistribution(["center + sigma2r", "center"])
    assert found["center.lambda"] == FloatDistribution(0.0, 0.5)
    assert found["sigma2r.n_neighbors"] == FloatDistribution(7.0, 7.0)
    assert found["subcenters"] == FloatDistribution(3.0, 3.0)  # at 1 it is as if it were absent
    assert found["term_lr"] == FloatDistribution(0.5, 0.5)
    assert {"m3", "git.lambda_c", "warmup"}.isdisjoint(found)
    for setting in terms.settings_list():
        for name, value in parameters(setting).items():
            assert found[name]._contains(found[name].to_internal_repr(value))


def test_a_setting_has_the_parameters_of_its_terms(terms):
    plain, both, *_ = terms.settings_list()
    assert set(setting_distributions(terms, plain)) == {"loss", "lr", "weight_decay"}
    assert "beside" not in parameters(plain)
    assert parameters(both)["beside"] == "center + sigma2r"
    for setting in terms.settings_list():
        assert set(setting_distributions(terms, setting)) == set(parameters(setting))


@pytest.mark.parametrize(
    "setting",
    [
        Setting.of("arcface", {"m2": 0.5, "subcenters": 3, "center.lambda": 0.5, "term_lr": 0.1}),
        Setting.of("triplet", {"margin": 0.5}, ["sigma2r", "git"]),
        Setting("adacos", lr=0.1),
        Setting("cosface", m3=0.35, scale=30),
        Setting("combined", m1=0.9, m2=0.4, m3=0.15, weight_decay=1e-4),
    ],
)
def test_parameters_make_the_setting_again(study, setting):
    words = parameters(setting)
    loss, beside = words.pop("loss"), words.pop("beside", "")
    assert (loss, beside) == (setting.loss, " + ".join(setting.terms))
    assert Setting.of(loss, words) == setting
    spec = study(loss=loss, beside=setting.terms, space={"lr": {"choices": [0.1, 1]}})
    assert spec.setting(words) == setting


def test_a_grid_lists_its_points(study):
    assert grid_space(study(sampler="grid")) == {
        "m2": [-0.2, 0.3, 0.8],
        "m3": [-0.2, 0.0, 0.2, 0.4],
        "scale": [4.0, 16.0, 64.0],
    }
