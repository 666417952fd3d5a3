"""The data folders, found where each kind of installation puts them."""

import shutil
import subprocess
import sys
from pathlib import Path

import sweeper
from sweeper.resources import data_folder

PACKAGE = Path(sweeper.__file__).parent


def ask(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from sweeper.resources import data_folder; print(data_folder('db'))"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )


def install(folder: Path) -> Path:
    package = folder / "sweeper"
    package.mkdir()
    for name in ("__init__.py", "errors.py", "resources.py"):
        shutil.copy(PACKAGE / name, package)
    return package


def test_in_a_checkout_the_folders_stand_beside_the_package() -> None:
    assert data_folder("db") == PACKAGE.parent / "db"
    assert (data_folder("db") / "migrations" / "env.py").is_file()


def test_in_a_wheel_the_folders_lie_inside_the_package(tmp_path: Path) -> None:
    inside = install(tmp_path) / "db"
    inside.mkdir()
    (tmp_path / "db").mkdir()  # of another package: not ours
    assert ask(tmp_path).stdout.strip() == str(inside)


def test_an_incomplete_installation_is_named(tmp_path: Path) -> None:
    install(tmp_path)
    assert "SweeperError: this installation lacks its folder 'db'" in ask(tmp_path).stderr
