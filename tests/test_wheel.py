"""The wheel works without the checkout: built, unpacked elsewhere, and run from there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder that a wheel was installed into."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *build, str(CHECKOUT)], check=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    install = ["install", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run([*pip, *install], check=True, timeout=120)
    return site


@pytest.fixture(scope="module")
def run(site, tmp_path_factory):
    """Run ``sweeper`` from an installed wheel, in a folder of its own."""
    place = tmp_path_factory.mktemp("elsewhere")

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run("-c", "import sweeper; print(sweeper.__file__)")
    assert Path(where.strip()).is_relative_to(site)  # not the checkout
    return lambda *arguments: run("-m", "sweeper", *arguments)


@pytest.mark.long
def test_nothing_but_the_package_comes_along(site):
    installed = {path.name for path in site.iterdir() if path.suffix != ".dist-info"}
    assert installed - {"bin"} == {"sweeper"}


@pytest.mark.long
def test_studies_are_listed(run):
    assert "demo-digits" in run("studies")


@pytest.mark.long
def test_a_search_runs(run):
    run("run", "digits[per_class=20]", "--n-trials", "3", "--epochs", "1", "--seeds", "2")
    name = "digits[per_class=20]-combined-accuracy"
    results = json.loads(run("results", name, "--format", "json"))
    assert len(results["trials"]) == 3
    names = {control["control"].partition(" at lr ")[0] for control in results["controls"]}
    assert names == {"softmax", "arcface"}


@pytest.mark.long
def test_the_repository_comes_along(run):
    answer = json.loads(run("recommend", "digits[per_class=20]", "--format", "json"))
    assert len(answer["nearest"]) == len(answer["practice"]) == 3
