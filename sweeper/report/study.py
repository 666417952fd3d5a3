"""A summary of a study, in a few lines."""

import shlex
from collections.abc import Sequence

from sweeper.console import count
from sweeper.registry.pruners import NO_PRUNER, PRUNERS
from sweeper.registry.setting import Setting
from sweeper.repository import stand_in
from sweeper.study.open_study import OpenStudy

#: With fewer samples to choose by, one of them weighs more than two points.
_FEW = 50


def introduction(opened: OpenStudy, new: bool, first: Sequence[Setting] = ()) -> str:
    """Return what a study trains, its data and budget, and the first settings of a new one."""
    spec, split = opened.spec, opened.task.split
    what = "images" if opened.task.dataset.is_images else "embeddings"
    verb = "new" if new else "resuming"
    experiment = spec.kind == "experiment"
    searched = " + ".join((spec.loss, *spec.beside))
    losses = dict.fromkeys(setting.losses for setting in spec.settings_list()) or [searched]
    purpose = "for learning curves" if experiment else "for validation"
    same = " of the same classes" if split.folds else ""
    lines = [
        f"{verb} {spec.kind} {opened.stored.name}: {', '.join(spec.objectives)} of "
        f"{', '.join(losses)} on {opened.task.dataset.name}",
        f"{count(opened.stored.n_trials, 'setting' if experiment else 'trial')} × "
        f"{count(spec.seeds, 'seed')} × {count(spec.epochs, 'epoch')}, net {spec.net}, "
        f"{split.images_per_epoch:,} {what} of {count(len(split.trained_classes), 'class')} for "
        "training"
        + (f", {len(split.validation):,} {purpose}" if len(split.validation) else "")
        + (f", {len(split.test):,}{same} for testing" if len(split.test) else ""),
    ]
    if spec.pruner != NO_PRUNER:
        about = PRUNERS[spec.pruner].about
        lines.append(f"poor trials are stopped early by {spec.pruner}: {about}")
    if split.folds:
        held_out = f"{len(split.held_out_test):,} for testing"
        if not experiment:
            fold = f"{len(split.held_out_validation):,} for validation"
            by_seed = "another fold of the classes for each seed"
            if spec.seeds < len(split.folds):
                by_seed += f" ({spec.seeds} of {len(split.folds)} folds, by as many seeds)"
            held_out = f"{fold}, {by_seed}, {held_out}"
        lines.append(f"{what} of held-out classes, for retrieval: {held_out}")
    if opened.stored.state == "paused":
        resume = f"sweeper resume {shlex.quote(opened.stored.name)}{opened.database.option}"
        lines.append(f"it is paused: workers wait until `{resume}`")
    lines += [f"note: {note}" for note in _notes(opened)]
    if new and first:
        settings = "; ".join(f"{setting.describe()}, lr {setting.lr:g}" for setting in first)
        lines.append(
            f"starts with settings suggested by other data sets (--cold skips them): {settings}"
        )
    return "\n".join(lines)


def _notes(opened: OpenStudy) -> tuple[str, ...]:
    """Return what is to be said of the data, and of what a search on them can tell."""
    spec, dataset = opened.spec, opened.task.dataset
    is_search = spec.kind == "search" and not dataset.is_images
    said = stand_in.note(spec.objectives[0]) if is_search else ""
    return (*dataset.notes, *_on_few(opened), *filter(None, [said]))


def _on_few(opened: OpenStudy) -> list[str]:
    """Return a note where a search chooses by so few samples that chance decides."""
    split, objectives = opened.task.split, opened.spec.objectives
    if opened.spec.kind == "experiment":
        return []
    held_out, own = len(split.held_out_validation), len(split.validation)
    fewest = min(held_out if name == "retrieval" else own or held_out for name in objectives)
    if not 0 < fewest < _FEW:
        return []
    return [
        f"{count(fewest, 'sample')} to choose by, each of which weighs {100 / fewest:.1f} points: "
        "trust differences that `results` shows beyond the spread of the seeds alone"
    ]
