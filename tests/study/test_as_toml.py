"""A study file that is written is read back as the same study."""

import tomllib

import pytest

from sweeper.study.as_toml import as_toml
from sweeper.study.resolve import builtin_studies, builtin_study
from sweeper.study.study_file import StudySpec, load_study


def read_back(spec, folder):
    path = folder / "study.toml"
    path.write_text(as_toml(spec), encoding="utf-8")
    return load_study(path)


@pytest.mark.parametrize("name", builtin_studies())
def test_every_built_in_study(name, tmp_path):
    spec = builtin_study(name)
    assert read_back(spec, tmp_path) == spec


@pytest.mark.parametrize("name", builtin_studies())
def test_a_study_that_was_stored(name, tmp_path):
    spec = StudySpec.from_json(builtin_study(name).to_json())
    assert read_back(spec, tmp_path).to_json() == spec.to_json()


def test_odd_texts(study, tmp_path):
    spec = study(dataset='./a "b" \\ ä', name="σ²R 'one'")
    assert read_back(spec, tmp_path) == spec
    assert tomllib.loads(as_toml(spec))["dataset"] == spec.dataset
