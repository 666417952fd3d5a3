import json

import pytest

from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS
from sweeper.repository.recommendation.setting_json import setting_to_json


def test_a_setting_with_one_term_has_its_lambda():
    setting = Setting.of("arcface", {"m2": 0.3, "scale": 16, "lr": 2e-3, "center.lambda": 0.05})
    assert setting_to_json(setting) == {
        "loss": "arcface",
        "m1": 1.0,
        "m2": 0.3,
        "m3": 0.0,
        "scale": 16,
        "lr": 2e-3,
        "lambda": 0.05,
        "terms": {"center": 0.05},
    }


def test_of_several_lambdas_none_is_the_one():
    both = setting_to_json(Setting.of("softmax", {"center.lambda": 0.1, "sigma2r.lambda": 0.2}))
    assert (both["lambda"], both["terms"]) == (None, {"center": 0.1, "sigma2r": 0.2})
    git = setting_to_json(Setting.of("softmax", {"git.lambda_c": 0.1, "git.lambda_g": 0.2}))
    assert (git["lambda"], git["terms"]) == (None, {"git.lambda_c": 0.1, "git.lambda_g": 0.2})
    assert git["scale"] is None


@pytest.mark.parametrize("term", TERMS)
def test_every_term_can_be_written(term):
    found = setting_to_json(Setting.of("combined", {}, beside=[term]))
    assert json.loads(json.dumps(found))["terms"]
