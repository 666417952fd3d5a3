"""Quiet studies, and what other sources say of a task."""

import pytest

from sweeper.repository.sources import shipped
from sweeper.repository.surrogates.knowledge import learned
from tests.support.studies import quiet_optuna
from tools.replay import compared

__all__ = ["quiet_optuna"]  # a fixture


@pytest.fixture(scope="session")
def knowledge():
    return learned(shipped(), "accuracy")


@pytest.fixture(scope="session")
def known(knowledge):
    return compared._held_out(knowledge, compared.one_of_each_source(knowledge)[0])
