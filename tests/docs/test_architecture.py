"""docs/architecture.md names what is there: every path exists, every folder has its line."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "architecture.md"
TEXT = PAGE.read_text(encoding="utf-8")
PATHS = sorted(
    set(
        re.findall(
            r"`((?:sweeper|tests|studies|db|tools|examples|benchmarks|deploy)/[\w./]*)`", TEXT
        )
    )
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists(path: str) -> None:
    assert (CHECKOUT / path).exists()


def test_every_folder_of_the_package_has_its_line() -> None:
    table = TEXT.partition("## What is public")[0]
    for folder in (CHECKOUT / "sweeper").iterdir():
        if (folder / "__init__.py").exists():
            assert f"`sweeper/{folder.name}`" in table


@pytest.mark.parametrize(
    "page", [PAGE, *(CHECKOUT / f"{n}.md" for n in ("CONTRIBUTING", "CHANGELOG"))]
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists()


def test_targets_of_make_exist() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    text = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
