"""What a study asks, in a few lines."""

from collections.abc import Sequence

from sweeper.report.text import count
from sweeper.search.open_study import OpenStudy
from sweeper.setting import Setting


def introduction(opened: OpenStudy, new: bool, first: Sequence[Setting] = ()) -> str:
    """Return what a study trains, on what, how much of it, and what a new one begins with."""
    spec, split = opened.spec, opened.task.split
    what = "images" if opened.task.dataset.is_images else "embeddings"
    verb = "new" if new else "going on with"
    experiment = spec.kind == "experiment"
    searched = " + ".join((spec.loss, *spec.beside))
    losses = dict.fromkeys(setting.losses for setting in spec.settings_list()) or [searched]
    purpose = "for curves" if experiment else "to choose by"
    lines = [
        f"{verb} {spec.kind} {opened.stored.name}: {', '.join(spec.objectives)} of "
        f"{', '.join(losses)} on {opened.task.dataset.name}",
        f"{count(opened.stored.n_trials, 'setting' if experiment else 'trial')} × "
        f"{count(spec.seeds, 'seed')} × {count(spec.epochs, 'epoch')}, net {spec.net}, "
        f"{split.images_per_epoch:,} {what} of {count(len(split.trained_classes), 'class')} to "
        "train on"
        + (f", {len(split.validation):,} {purpose}" if len(split.validation) else "")
        + (f", {len(split.test):,} for the test" if len(split.test) else ""),
    ]
    if split.folds:
        held_out = f"{len(split.held_out_test):,} for the test"
        if not experiment:
            fold = f"{len(split.held_out_validation):,} to choose by"
            held_out = f"{fold}, a fold of the classes for each seed, {held_out}"
        lines.append(f"held out for retrieval, {what} of other classes: {held_out}")
    if new and first:
        named = "; ".join(setting.describe() for setting in first)
        lines.append(f"begins with what other data sets suggest (--cold leaves it out): {named}")
    return "\n".join(lines)
