"""What must hold between the keys of a study; each check says which key is wrong, and why."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

from sweeper.registry.names import all_hyperparameters, own_names
from sweeper.registry.pruners import NO_PRUNER, PRUNERS
from sweeper.registry.samplers import SAMPLERS
from sweeper.registry.terms import TERMS, term_names
from sweeper.study.space.dimensions import MAX_POINTS, first_repeat, grid_size, problem
from sweeper.study.study_keys import StudyKeys


def check(spec: StudyKeys) -> None:
    """Raise pydantic's error for the first thing that does not fit together."""
    _objectives(spec)
    _rungs(spec)
    if spec.per_class is not None and "batch_size" in spec.model_fields_set:
        raise problem("batch_size", "per_class images of each class make a batch; leave it out")
    if spec.kind == "experiment":
        _experiment(spec)
    else:
        _search(spec)


def check_units(spec: StudyKeys) -> None:
    """Raise pydantic's error for the first value that was probably meant in another unit.

    Every value must be one that `check` allows.
    """
    for key, name, value in _values(spec):
        if misreading := all_hyperparameters()[name].misreading(value):
            raise problem(key, misreading)


def _objectives(spec: StudyKeys) -> None:
    if (repeat := first_repeat(spec.objectives)) is not None:
        raise problem("objectives", f"{repeat} stands there twice")
    if len(spec.objectives) > 1:
        for key, given in (("pruner", spec.pruner != NO_PRUNER), ("rungs", bool(spec.rungs))):
            if given:
                raise problem(key, "Optuna prunes by one objective only; leave it out, or name one")


def _rungs(spec: StudyKeys) -> None:
    rungs, last = spec.rungs, spec.epochs - 1
    if any(not 1 <= rung <= last for rung in rungs):
        raise problem("rungs", f"each must be from 1 to {last}, before the last of the epochs")
    if any(later <= earlier for earlier, later in pairwise(rungs)):
        raise problem("rungs", "must rise")
    if spec.pruner != NO_PRUNER and not rungs:
        raise problem("pruner", "needs at least one rung, and so at least 2 epochs")
    if spec.seeds < (fewest := PRUNERS[spec.pruner].fewest_seeds):
        raise problem("pruner", f"{spec.pruner} needs at least {fewest} seeds")


def _search(spec: StudyKeys) -> None:
    if spec.settings:
        raise problem("settings", "only an experiment has settings; a search has a space")
    if not SAMPLERS[spec.sampler].searches:
        raise problem(
            "sampler", f"{spec.sampler!r} is what an experiment has; a search samples its space"
        )
    most = SAMPLERS[spec.sampler].most_objectives
    if most is not None and len(spec.objectives) > most:
        raise problem(
            "sampler", f"{spec.sampler} takes one objective; name one, or another sampler"
        )
    if both := [name for name in spec.space if name in spec.fixed]:
        raise problem(f"space.{both[0]}", "is fixed too; leave it in one of the two tables")
    for name in spec.space:
        _belongs(f"space.{name}", name, own_names(spec.loss, spec.beside), spec.loss)
    for name, value in spec.fixed.items():
        _belongs(f"fixed.{name}", name, own_names(spec.loss, spec.beside), spec.loss)
        _range(f"fixed.{name}", name, value)
    if not spec.space:
        names = ", ".join(own_names(spec.loss, spec.beside))
        raise problem("space", f"there is nothing to search; {spec.loss} has {names}")
    for name, dimension in spec.space.items():
        for value in dimension.points() or dimension.ends():
            _range(f"space.{name}", name, value)
    if (repeat := first_repeat(spec.controls)) is not None:
        raise problem("controls", f"{repeat} stands there twice")
    if SAMPLERS[spec.sampler].grid:
        _grid(spec)


def _grid(spec: StudyKeys) -> None:
    for name, dimension in spec.space.items():
        if dimension.size is None:
            raise problem(f"space.{name}", "the grid sampler needs choices, or a range with a step")
    size = grid_size(spec.space)
    if size > MAX_POINTS:
        raise problem("space", f"a grid of {size:,} points; at most {MAX_POINTS:,} can be run")
    if spec.n_trials > size:
        raise problem("n_trials", f"must be at most {size}, the number of points of the grid")


def _experiment(spec: StudyKeys) -> None:
    if spec.space:
        raise problem("space", "an experiment searches nothing; give its settings")
    if not spec.settings:
        raise problem("settings", "an experiment needs at least one [[settings]] table")
    if SAMPLERS[spec.sampler].searches:
        raise problem("sampler", "an experiment runs its settings as they stand; leave it out")
    if spec.pruner != NO_PRUNER:
        raise problem("pruner", "an experiment measures each setting; leave it out")
    if spec.controls:
        raise problem("controls", "an experiment has none; give them as settings")
    for i, table in enumerate(spec.settings):
        terms = spec.beside if table.beside is None else table.beside
        for name, values in table.values.items():
            for loss in table.loss or (spec.loss,):
                _belongs(f"settings[{i}].{name}", name, own_names(loss, terms), loss)
            for value in values:
                _range(f"settings[{i}].{name}", name, value)
    if (count := sum(table.size for table in spec.settings)) > MAX_POINTS:
        raise problem("settings", f"{count:,} of them; at most {MAX_POINTS:,} can be run")
    _fixed_for_settings(spec)
    settings = spec.settings_list()
    if (repeat := first_repeat(settings)) is not None:
        raise problem("settings", f"{repeat.describe()} stands there twice")
    if spec.n_trials != len(settings):
        raise problem("n_trials", f"an experiment runs its {len(settings)} settings; leave it out")


def _fixed_for_settings(spec: StudyKeys) -> None:
    of_any: set[str] = set()
    for table in spec.settings:
        terms = spec.beside if table.beside is None else table.beside
        of_any.update(n for loss in table.loss or (spec.loss,) for n in own_names(loss, terms))
    for name, value in spec.fixed.items():
        if name not in of_any:
            raise problem(f"fixed.{name}", f"none of the settings' losses has {name}")
        _range(f"fixed.{name}", name, value)


def _belongs(key: str, name: str, allowed: Sequence[str], loss: str) -> None:
    if name in allowed:
        return
    if name in TERMS:
        raise problem(key, f"{name} is a term; say what of it: {' or '.join(term_names(name))}")
    near = get_close_matches(name, allowed, n=2, cutoff=0.5)
    misspelled = near and name not in all_hyperparameters()
    hint = f" did you mean {' or '.join(near)}?" if misspelled else ""
    term, _, own = name.partition(".")
    if own and term in TERMS and not any(other.startswith(f"{term}.") for other in allowed):
        raise problem(key, f"no {term} stands beside the loss; name it in beside = [...]")
    raise problem(key, f"{loss} has no {name};{hint} allowed: {', '.join(allowed)}")


def _range(key: str, name: str, value: float) -> None:
    if fault := all_hyperparameters()[name].fault(value):
        raise problem(key, fault)


def _values(spec: StudyKeys) -> Iterator[tuple[str, str, float]]:
    """Yield every value of a hyperparameter in a study, after its key and its name."""
    for name, value in spec.fixed.items():
        yield f"fixed.{name}", name, value
    for name, dimension in spec.space.items():
        for value in dimension.points() or dimension.ends():
            yield f"space.{name}", name, value
    for i, table in enumerate(spec.settings):
        for name, values in table.values.items():
            for value in values:
                yield f"settings[{i}].{name}", name, value
