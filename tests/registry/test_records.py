"""Each record leads to code that fits it, and none of them imports anything heavy."""

import inspect
import subprocess
import sys

import pytest

from sweeper import losses
from sweeper.losses import make_loss
from sweeper.losses.options import MarginOptions
from sweeper.registry.datasets import DATASETS
from sweeper.registry.hyperparameters import MARGINS
from sweeper.registry.lookup import resolve
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES
from sweeper.registry.nets import DEFAULT_NETS, NETS
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.pruners import NO_PRUNER, PRUNERS
from sweeper.registry.samplers import DEFAULT_SAMPLER, EXPERIMENT_SAMPLER, SAMPLERS
from sweeper.registry.setting import Setting, paper_default
from sweeper.registry.terms import TERMS

REGISTRIES = (LOSSES, TERMS, OBJECTIVES, NETS, DATASETS, SAMPLERS, PRUNERS)


def taken(path):
    """The names of the arguments that a class or function takes."""
    parameters = inspect.signature(resolve(path)).parameters
    names = {name for name, each in parameters.items() if each.kind is not each.VAR_KEYWORD}
    return names if len(names) == len(parameters) else names | MarginOptions.__annotations__.keys()


def test_each_is_known_by_its_own_name():
    for registry in REGISTRIES:
        assert all(record.name == name for name, record in registry.items())
        assert all(record.about for record in registry.values())


def test_defaults_are_among_them():
    assert DEFAULT_LOSS in LOSSES
    assert DEFAULT_OBJECTIVE in OBJECTIVES
    assert NO_PRUNER in PRUNERS
    assert SAMPLERS[DEFAULT_SAMPLER].searches
    assert not SAMPLERS[EXPERIMENT_SAMPLER].searches
    assert all(NETS[name].takes == inputs for inputs, name in DEFAULT_NETS.items())


def test_what_is_not_there_is_an_import_error():
    for path in ("sweeper.losses.softmax:HardmaxLoss", "sweeper.losses.hardmax:HardmaxLoss"):
        with pytest.raises(ImportError, match=r"HardmaxLoss|hardmax"):
            resolve(path)


# --- losses and terms -------------------------------------------------------------------------


@pytest.mark.parametrize("info", LOSSES.values(), ids=LOSSES)
def test_a_loss_takes_what_its_record_says(info):
    own = {*info.margins, *info.options}
    named = {info.arguments.get(name, name) for name in own} | info.constants.keys()
    sizes = {"num_classes", "embedding_size", "members"}
    assert named <= taken(info.module)
    assert info.arguments.keys() <= own
    assert info.has_classes == ({"num_classes", "embedding_size"} <= taken(info.module))
    others = taken(info.module) - named - sizes
    assert others <= {"monotone", "dynamic", "mining"}, "an argument that the record leaves out"
    assert hasattr(losses, info.function)
    assert resolve(info.module).__name__ in losses.__all__


@pytest.mark.parametrize("info", LOSSES.values(), ids=LOSSES)
def test_a_loss_is_what_its_record_says(info):
    assert all(hyperparameter.search is not None for hyperparameter in info.margins.values())
    for name in info.margins.keys() & MARGINS.keys():
        assert info.margins[name].default == MARGINS[name].default
    assert info.paper.keys() <= info.margins.keys()
    assert {name: paper_default(info.name)[name] for name in info.paper} == info.paper
    assert info.control is None or info.control in LOSSES
    if info.array is not None:
        assert info.margins.keys() <= LOSSES[info.array].margins.keys()
        assert info.options.keys() <= LOSSES[info.array].options.keys()
    module = make_loss(Setting(info.name), info.min_classes, 3)
    assert hasattr(module, "logits") == info.has_classes
    assert any(True for _ in module.parameters()) == info.has_classes
    if info.has_classes:
        with pytest.raises(ValueError, match="at least"):
            make_loss(Setting(info.name), info.min_classes - 1, 3)


@pytest.mark.parametrize("info", TERMS.values(), ids=TERMS)
def test_a_term_takes_what_its_record_says(info):
    named = {name for name in info.hyperparameters if name != "lambda"} | info.constants.keys()
    sizes = {"num_classes", "embedding_size", "members"}
    assert named <= taken(info.module)
    assert taken(info.module) - named - sizes <= {"mining"}
    assert {*info.lambdas} <= info.hyperparameters.keys()
    assert all(info.hyperparameters[name].search is not None for name in info.lambdas)
    assert hasattr(losses, info.function)
    module = make_loss(Setting.of("softmax", {}, [info.name]), 4, 3).terms[info.name]
    assert info.has_centers == ("centers" in dict(module.named_parameters()))


# --- the others -------------------------------------------------------------------------------


@pytest.mark.parametrize("info", OBJECTIVES.values(), ids=OBJECTIVES)
def test_a_metric_takes_what_is_given(info):
    given = {"embeddings", "labels"} if info.held_out else {"embeddings", "labels", "logits"}
    optional = {"block_size"}
    given |= set() if info.held_out else {"num_classes"}
    assert taken(info.metric) - optional <= given
    assert info.of_embeddings == ("embeddings" in taken(info.metric))
    assert info.direction in ("maximize", "minimize")


@pytest.mark.parametrize("info", [*SAMPLERS.values(), *PRUNERS.values()], ids=lambda i: i.name)
def test_makers_are_called_with_a_study(info):
    expected = ["proposing"] if info.name in SAMPLERS else ["spec"]
    assert list(inspect.signature(resolve(info.maker)).parameters) == expected


@pytest.mark.parametrize("info", NETS.values(), ids=NETS)
def test_builders_are_called_with_a_shape_and_a_size(info):
    assert list(inspect.signature(resolve(info.builder)).parameters) == ["input_shape", "embedding"]


@pytest.mark.parametrize("info", DATASETS.values(), ids=DATASETS)
def test_loaders_take_the_keys(info):
    parameters = list(inspect.signature(resolve(info.loader)).parameters)
    assert parameters in (list(info.keys), ["row"])
    assert isinstance(info.is_here(), bool)


def test_nothing_heavy_is_imported_with_the_records():
    modules = "datasets, hyperparameters, losses, names, nets, objectives, pruners, samplers, terms"
    heavy = "'torch', 'numpy', 'optuna', 'pandas', 'pydantic', 'sqlalchemy', 'scipy', 'torchvision'"
    code = (
        f"import sys; from sweeper.registry import {modules}, setting; import sweeper.cli;"
        f"sweeper.cli.make_parser(); print([m for m in ({heavy}) if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
