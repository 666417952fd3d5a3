"""From what the user calls a study to its specification."""

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sweeper import resources
from sweeper.data import format_spec, names, parse
from sweeper.errors import UsageError, unknown
from sweeper.registry.losses import DEFAULT_LOSS, LOSSES, repository_losses
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.pruners import NO_PRUNER, SEARCH_PRUNER
from sweeper.registry.samplers import DEFAULT_SAMPLER, KNOWING_SAMPLER, SAMPLERS
from sweeper.registry.terms import TERMS
from sweeper.study.space.default_space import default_space
from sweeper.study.study_file import StudySpec, load_study


def builtin_studies() -> list[str]:
    """Return the names of the studies that come with the program."""
    return sorted(path.stem for path in resources.data_folder("studies").glob("*.toml"))


def builtin_study(name: str) -> StudySpec:
    """Return a study that comes with the program."""
    return load_study(resources.data_folder("studies") / f"{name}.toml")


def has_file(study: str) -> bool:
    """Return whether what the user calls a study has a study file; else it is a data set."""
    return study in builtin_studies() or study.endswith(".toml")


def resolve(
    study: str,
    *,
    objective: str | None = None,
    loss: str | None = None,
    beside: str | None = None,
    net: str | None = None,
    sampler: str | None = None,
    pruner: str | None = None,
    n_trials: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    embedding: int | None = None,
    seeds: int | None = None,
    study_name: str | None = None,
    cold: bool = False,
) -> StudySpec:
    """Return the study that a built-in study's name, a TOML file or a data set stands for.

    What is None follows the file, or the defaults. A data set's net stays "auto" until its data
    are loaded; see `StudySpec.with_default_net`.

    Args:
        study: what the user wrote.
        objective: for a data set, an objective or several between commas; accuracy by default.
        loss: for a data set, the loss whose margins and scale are searched; combined by default.
        beside: for a data set, a term beside the loss or several between commas; their λ is
            searched, too.
        net: for a data set, the net.
        sampler: for a data set, the sampler; unless given, the one that knows other data sets
            where there is one objective and the repository knows the loss.
        pruner: for a data set, the pruner; by default racing, where trials can be compared at all.
        n_trials: the total number of trials of a search.
        epochs: of each training.
        batch_size: of each training.
        embedding: dimensions of the embedding.
        seeds: of each trial.
        study_name: the name of the study; for a data set ``<dataset>-<loss>-<objective>``.
        cold: whether a data set's search is to know nothing of other data sets.

    Raises:
        UsageError: when there is no such study, or an option does not fit it.
    """
    sizes = _given(
        name=study_name,
        n_trials=n_trials,
        epochs=epochs,
        batch_size=batch_size,
        embedding=embedding,
        seeds=seeds,
    )
    choices = _given(
        objective=objective, loss=loss, beside=beside, net=net, sampler=sampler, pruner=pruner
    )
    if study in builtin_studies():
        return _from_file(resources.data_folder("studies") / f"{study}.toml", study, choices, sizes)
    if study.endswith(".toml"):
        return _from_file(Path(os.path.expanduser(study)), study, choices, sizes)
    objectives = _listed(choices.pop("objective", DEFAULT_OBJECTIVE))
    for name in objectives:
        if name not in OBJECTIVES:
            raise unknown("objective", name, OBJECTIVES)
    if beside is not None:
        choices["beside"] = _listed(beside)
    choices.setdefault("sampler", _default_sampler(objectives, choices, cold))
    return _of_data_set(study, objectives, {**choices, **sizes})


def _default_sampler(objectives: Sequence[str], choices: Mapping[str, Any], cold: bool) -> str:
    """Return the sampler that uses the repository where that knows what is searched."""
    known = choices.get("loss", DEFAULT_LOSS) in repository_losses() and "beside" not in choices
    most = SAMPLERS[KNOWING_SAMPLER].most_objectives or len(objectives)
    return KNOWING_SAMPLER if known and not cold and len(objectives) <= most else DEFAULT_SAMPLER


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _from_file(path: Path, study: str, choices: dict[str, Any], sizes: dict[str, Any]) -> StudySpec:
    spec = load_study(path)
    if choices:
        option = next(iter(choices))
        raise UsageError(
            f"--{option} is for data sets; {study} is a study with its own: change a copy of {path}"
        )
    if spec.kind == "experiment" and "n_trials" in sizes:
        count = spec.n_trials
        raise UsageError(
            f"--n-trials is for searches; {study} is an experiment of {count} settings"
        )
    return spec.updated(study, **sizes) if sizes else spec


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _of_data_set(text: str, objectives: Sequence[str], options: dict[str, Any]) -> StudySpec:
    name, subset = parse(text)
    short = name
    if _is_path(name):
        short = os.path.basename(os.path.abspath(os.path.expanduser(name)))
    elif name not in _data_sets():
        raise _neither(name)
    loss, beside = options.get("loss", DEFAULT_LOSS), options.pop("beside", ())
    if loss not in LOSSES:
        raise unknown("loss", loss, LOSSES)
    for term in beside:
        if not term:
            raise UsageError(
                f"--beside {','.join(beside)!r} names no term, or has a comma too many; leave it "
                f"out, or name terms with commas between several; known: {', '.join(TERMS)}"
            )
        if term not in TERMS:
            raise unknown("term", term, TERMS)
    beside = sorted(beside, key=list(TERMS).index)
    grid = _is_grid(options.get("sampler"))
    # Every rate again would make a grid three times as long.
    space = default_space(loss, beside, grid=grid, lr=not grid)
    if not space:
        raise UsageError(
            f"{loss} has no margin or scale to search; search a term with --beside, or its lr in a "
            "study file"
        )
    named = format_spec(short, subset.without_folders())
    content = {
        "name": f"{named}-{'+'.join((loss, *beside))}-{'+'.join(objectives)}",
        "dataset": format_spec(name, subset),
        "objectives": objectives,
        "beside": beside,
        "space": space,
        "pruner": _default_pruner(objectives, options),
        **options,
    }
    return StudySpec.from_content(content, text)


def _default_pruner(objectives: Sequence[str], options: dict[str, Any]) -> str:
    """Return racing, but where there are no rungs, or no seeds, to compare trials by."""
    comparable = all(options.get(name, 2) > 1 for name in ("epochs", "seeds"))
    return SEARCH_PRUNER if comparable and len(objectives) == 1 else NO_PRUNER


def _is_grid(sampler: str | None) -> bool:
    return sampler in SAMPLERS and SAMPLERS[sampler].grid


def _is_path(name: str) -> bool:
    looks_like_one = os.sep in name or name.startswith(("~", "."))
    return looks_like_one or name.endswith((".csv", ".npz")) or os.path.exists(name)


def _data_sets() -> list[str]:
    return [built_in.name for built_in in names()]


def _neither(word: str) -> UsageError:
    near = get_close_matches(word, [*builtin_studies(), *_data_sets()], n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ", nor a file or folder;"
    return UsageError(
        f"{word!r} is neither a study nor a data set{hint} see `sweeper studies` and "
        "`sweeper data list`"
    )
