"""What docs/losses.md says is so: its snippets run, its table is the code's."""

import re
import tomllib
from pathlib import Path

import pytest
import torch

from sweeper import losses
from sweeper.registry.hyperparameters import OPTIMIZER, TERM_LR
from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting, paper_default
from sweeper.registry.terms import TERMS
from sweeper.study.study_file import StudySpec, load_study

PAGE = Path(__file__).parents[2] / "docs" / "losses.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


SETUP, *SNIPPETS = blocks("python")


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


# --- snippets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", SNIPPETS, ids=lambda code: code.splitlines()[0])
def test_python_runs_after_the_first_snippet_alone(code):
    namespace = {}
    exec(compile(SETUP, "docs/losses.md", "exec"), namespace)
    exec(compile(code, "docs/losses.md", "exec"), namespace)


@pytest.mark.parametrize("content", blocks("toml"))
def test_study_fragments_are_studies(content, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(f'dataset = "digits"\n{content}', encoding="utf-8")
    spec = load_study(file)
    if spec.kind == "search":
        assert spec.setting({name: dim.middle() for name, dim in spec.space.items()})


def test_every_loss_and_every_term_has_a_study_fragment():
    said = [tomllib.loads(content) for content in blocks("toml")]
    specs = [StudySpec.from_content({"name": "s", "dataset": "digits", **s}, "docs") for s in said]
    assert {loss for spec in specs for loss in (spec.loss, *spec.losses)} == {*LOSSES}
    settings = [setting for spec in specs for setting in spec.settings_list()]
    terms = [*(spec.beside for spec in specs), *(setting.terms for setting in settings)]
    assert {term for each in terms for term in each} == {*TERMS}


# --- names and links --------------------------------------------------------------------------


@pytest.mark.parametrize("name", losses.__all__)
def test_every_public_name_is_mentioned(name):
    assert re.search(rf"\b{name}\b", TEXT)


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)]*)\)", TEXT))
def test_links_lead_somewhere(target):
    file, _, anchor = target.partition("#")
    assert (PAGE.parent / file).exists()
    if anchor and not file:
        titles = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
        assert anchor in [re.sub(r"[^\w -]", "", t.lower()).replace(" ", "-") for t in titles]


# --- the table --------------------------------------------------------------------------------


def described(name, hyperparameter):
    if hyperparameter.above == 0:
        allowed = "> 0"
    elif hyperparameter.least == float("-inf"):
        allowed = "any"
    elif hyperparameter.most == float("inf"):
        allowed = f"≥ {hyperparameter.least:g}"
    else:
        allowed = f"{hyperparameter.least:g} to {hyperparameter.most:g}"
    whole = ", whole" if hyperparameter.whole else ""
    return f"`{name}` {hyperparameter.default:g} ({allowed}{whole})"


def row(name, module, function, hyperparameters):
    listed = "; ".join(described(*each) for each in hyperparameters.items()) or "–"
    cells = (name, type(module).__name__, function.__name__)
    return "| " + " | ".join(f"`{cell}`" for cell in cells) + f" | {listed} |"


def loss_row(loss):
    module = losses.make_loss(paper_default(loss), 4, 3)
    own = {**LOSSES[loss].margins, **LOSSES[loss].options}
    return row(loss, module, getattr(losses, LOSSES[loss].function), own)


def term_row(term):
    module = losses.make_loss(Setting.of("softmax", {}, [term]), 4, 3).terms[term]
    function = getattr(losses, TERMS[term].function)
    own = {f"{term}.{name}": each for name, each in TERMS[term].hyperparameters.items()}
    return row(term, module, function, own)


ROWS = [*map(loss_row, LOSSES), *map(term_row, TERMS)]
OF_TRAINING = ", ".join(described(*each) for each in {**OPTIMIZER, **TERM_LR}.items())


@pytest.mark.parametrize("expected", ROWS)
def test_the_table_has_the_row(expected):
    assert expected in TEXT.splitlines()


def test_the_table_has_no_other_row():
    rows = re.findall(r"^\| `.*\|$", TEXT.partition("## Every name")[2], re.MULTILINE)
    assert rows == ROWS
    assert OF_TRAINING in TEXT
