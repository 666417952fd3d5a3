"""The top of the package: a few names, and nothing heavy until one of them is used."""

import subprocess
import sys

import pytest

import sweeper


def test_importing_the_package_brings_nothing_heavy():
    script = (
        "import sys, sweeper; print(*dir(sweeper)); print(*sweeper.__all__); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    listed, names, modules = (line.split() for line in done.stdout.splitlines())
    assert set(names) == {"Client", "__version__", "recommend", "suggest_margins"} <= set(listed)
    assert not {"torch", "optuna", "numpy", "pandas", "sqlalchemy", "pydantic"} & set(modules)


def test_names_stand_for_their_functions():
    from sweeper.api import recommend, suggest_margins

    assert sweeper.recommend is recommend
    assert sweeper.suggest_margins is suggest_margins


def test_another_name_is_none():
    with pytest.raises(AttributeError, match="has no attribute 'recomend'"):
        _ = sweeper.recomend
    assert not hasattr(sweeper, "torch")
