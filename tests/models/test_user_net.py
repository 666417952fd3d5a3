"""Nets of a user's own: where they are looked for, and whose may be imported."""

import importlib
import sys

import pytest

from sweeper.errors import UsageError
from sweeper.models.user_net import load_builder, require_allowed


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The current folder, with a module `mine` in a package, forgotten at the end."""
    (tmp_path / "nets_of_mine").mkdir()
    (tmp_path / "nets_of_mine" / "wide.py").write_text("def make(shape, embedding):\n    ...\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("nets_of_mine")]:
        del sys.modules[name]


def test_a_module_of_the_current_folder_is_found(here):
    assert load_builder("nets_of_mine.wide:make").__module__ == "nets_of_mine.wide"


def test_no_file_here_stands_in_for_a_package(here):
    (here / "torchvision.py").write_text("raise AssertionError('the file was run')")
    (here / "colorsys.py").write_text("raise AssertionError('the file was run')")
    load_builder("nets_of_mine.wide:make")
    sys.modules.pop("colorsys", None)
    import colorsys

    assert colorsys.__file__ != str(here / "colorsys.py")


@pytest.mark.parametrize(
    ("net", "allowed"),
    [
        ("lenet", ()),
        ("resnet18[weights=DEFAULT, body=frozen]", ()),
        ("torchvision.models:resnet18", ()),  # of an installed package
        ("mine:make", ("mine",)),
        ("mine:make", ("mine:make",)),
        ("mine.nets.wide:make", ("other", "mine.nets")),
        ("mine.nets.wide:make", ("mine.nets.wide",)),
    ],
)
def test_what_is_imported_without_asking(net, allowed):
    require_allowed(net, allowed)


@pytest.mark.parametrize(
    ("net", "allowed"),
    [
        ("mine:make", ()),
        ("mine:make", ("",)),
        ("mine:make", ("mine.nets", "min")),
        ("os:system", ()),  # of no package that makes nets
        (":make", ()),
    ],
)
def test_what_is_not(net, allowed):
    with pytest.raises(UsageError, match=r"--allow-net .* if you trust who wrote it"):
        require_allowed(net, allowed)


@pytest.mark.parametrize("first", [True, False])
def test_a_folder_called_like_a_package_is_not_that_package(here, first):
    """Part of a package without ``__init__.py``, or before it, as `python -m` has the folder."""
    for name in ("mpl_toolkits", "torchvision"):
        (here / name).mkdir()
        (here / name / "evil.py").write_text("raise AssertionError('it was run')")
    (here / "torchvision" / "__init__.py").write_text("raise AssertionError('it was run')")
    sys.path.insert(0 if first else len(sys.path), str(here))
    importlib.invalidate_caches()
    for net in ("mpl_toolkits.evil:make", "torchvision.evil:make"):
        with pytest.raises(UsageError, match="--allow-net"):
            require_allowed(net, ())
