"""The wheel that the Dockerfile builds, from the files that .dockerignore lets through."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ignored():
    """What .dockerignore keeps out.

    Where all patterns but ``**`` ones are anchored, Docker's rules and git's are the same.
    """
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert all(pattern.lstrip("!").startswith(("/", "**/")) for pattern in patterns)
    return GitIgnoreSpec.from_lines(patterns)


@pytest.fixture(scope="module")
def let_through(ignored):
    """The files in the build's context."""
    top = [path for path in ROOT.iterdir() if not ignored.match_file(path.name)]
    files = [file for path in top for file in ([path] if path.is_file() else path.rglob("*"))]
    names = [str(file.relative_to(ROOT)) for file in files if file.is_file()]
    return sorted(name for name in names if not ignored.match_file(name))


def test_nothing_private_is_let_through(let_through, ignored):
    assert ignored.match_file(".env")
    assert ignored.match_file("sweeper.db")
    tops = {Path(name).parts[0] for name in let_through}
    assert tops == {
        *("sweeper", "studies", "db"),
        *("pyproject.toml", "README.md", "LICENSE", "constraints.txt"),
    }
    assert not any("__pycache__" in name for name in let_through)


@pytest.mark.long
def test_the_wheel_builds_from_it(let_through, tmp_path):
    for name in let_through:
        target = tmp_path / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    build = ["wheel", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", *build, "--wheel-dir", tmp_path, "."],
        cwd=tmp_path / "source",
        check=True,
        timeout=120,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    code = {name for name in let_through if name.startswith("sweeper/")}
    data = {f"sweeper/{name}" for name in let_through if name.startswith(("studies/", "db/"))}
    assert packed == code | data
    assert {"sweeper/cli.py", "sweeper/studies/demo-digits.toml"} < packed
