import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from sweeper.search.spaces import distributions, grid_space, parameters, setting_distributions
from sweeper.setting import Setting


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


@pytest.mark.parametrize(
    "setting",
    [
        Setting("softmax", lr=0.1),
        Setting("cosface", m3=0.35, scale=30),
        Setting("combined", m1=0.9, m2=0.4, m3=0.15, weight_decay=1e-4),
    ],
)
def test_parameters_make_the_setting_again(study, setting):
    assert Setting(**parameters(setting)) == setting
    assert study(fixed={"m1": 3.0}).setting(parameters(setting)) == setting


def test_a_grid_lists_its_points(study):
    assert grid_space(study(sampler="grid")) == {
        "m2": [-0.2, 0.3, 0.8],
        "m3": [-0.2, 0.0, 0.2, 0.4],
        "scale": [4.0, 16.0, 64.0],
    }
