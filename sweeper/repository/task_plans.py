"""The plans of stored tasks, also of those stored before all of it was said."""

import pandas as pd

from sweeper.errors import UsageError
from sweeper.models.net_name import parse

#: What no seed trains on: images alone; one draw of classes for all seeds, as sweeper did before
#: there were folds; a fold of the classes for each seed.
SPLITS = ("images", "classes", "folds")

#: Ends the id of a task with held-out classes, before its digits.
_HELD_OUT = ", classes held out #"


def start_of(net: str, is_embedding: bool) -> str:
    """Return what a net starts from, one of `sweeper.repository.plan.STARTS`.

    Args:
        net: its name, see `sweeper.models.net_name`.
        is_embedding: whether it takes ready embeddings in place of images.
    """
    try:
        name = parse(net)
    except UsageError:  # of a repository that somebody else made
        return "frozen" if is_embedding else "scratch"
    if is_embedding or name.frozen:
        return "frozen"
    return "tuned" if name.weights else "scratch"


def with_plans(tasks: pd.DataFrame) -> pd.DataFrame:
    """Return tasks with what older repositories do not say, which was fixed then.

    Args:
        tasks: one row a task, as texts or typed; without a column ``start``, ``samples`` or
            ``split`` it is filled, where the columns that it follows from are there.
    """
    missing: dict[str, pd.Series] = {}
    if "start" not in tasks and "net" in tasks:
        ready = pd.Series(0.0, tasks.index)
        if "is_embedding" in tasks:
            ready = pd.to_numeric(tasks["is_embedding"], errors="coerce")
        starts = [start_of(str(net), of == 1) for net, of in zip(tasks["net"], ready, strict=True)]
        missing["start"] = pd.Series(starts, tasks.index, dtype=object)
    if "samples" not in tasks and {"epochs", "num_train"} <= set(tasks.columns):
        epochs, images = (
            pd.to_numeric(tasks[name], errors="coerce").fillna(1)
            for name in ("epochs", "num_train")
        )
        samples = (epochs * images).round().astype("int64")
        is_text = tasks["epochs"].dtype == object
        missing["samples"] = samples.astype(str) if is_text else samples
    if "split" not in tasks and "id" in tasks:
        held_out = tasks["id"].astype(str).str.contains(_HELD_OUT, regex=False)
        missing["split"] = held_out.map({True: "classes", False: "images"}).astype(object)
    return tasks.assign(**missing)
