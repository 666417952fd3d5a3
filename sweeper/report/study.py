"""What a study asks, in a few lines."""

from sweeper.report.text import count
from sweeper.search.open_study import OpenStudy


def introduction(opened: OpenStudy, new: bool) -> str:
    """Return what a study trains, on what, and how much of it."""
    spec, split = opened.spec, opened.task.split
    what = "images" if opened.task.dataset.is_images else "embeddings"
    verb = "new" if new else "going on with"
    lines = [
        f"{verb} {spec.kind} {opened.stored.name}: {', '.join(spec.objectives)} of {spec.loss} on "
        f"{opened.task.dataset.name}",
        f"{count(opened.stored.n_trials, 'trial')} × {count(spec.seeds, 'seed')} × "
        f"{count(spec.epochs, 'epoch')}, net {spec.net}, {len(split.train):,} {what} of "
        f"{count(len(split.trained_classes), 'class')} to train on, "
        f"{len(split.validation):,} to choose by, {len(split.test):,} for the test",
    ]
    if len(split.held_out_validation):
        lines.append(
            f"held out for retrieval: {len(split.held_out_validation):,} {what} to choose by, "
            f"{len(split.held_out_test):,} for the test, of other classes"
        )
    return "\n".join(lines)
