"""Everything that was measured, in one table: also what the repository does not learn from."""

import pandas as pd

from sweeper.registry.setting import FIELDS
from sweeper.repository.own_studies import task_ids
from sweeper.store import Database
from sweeper.store.results import repository_queries

#: What tells one row from another.
KEY = ("task", *FIELDS, "term", "lambda", "seed")

#: What each column of the key means; the others are measures by their names.
MEANINGS = {
    "task": "id of the task, as in the repository's tasks.csv",
    "loss": "loss that was trained with",
    "m1": "margin that multiplies the angle",
    "m2": "margin added to the angle, radians",
    "m3": "margin taken from the cosine",
    "scale": "factor s of the logits",
    "lr": "learning rate",
    "weight_decay": "weight decay",
    "term": "loss that stands beside it, or nothing",
    "lambda": "weight of that loss, or 0",
    "seed": "seed of start and batches",
}

#: Of each measure, its meaning.
MEASURES = {
    "accuracy": "share of the validation images of trained classes in the right class",
    "retrieval": "MAP@R on held-out classes",
    "compactness": "spread within classes over the distance between them, smaller is better",
    "calibration error": "expected calibration error of the softmax over the logits",
    "confidence": "mean probability of the class that is predicted",
    "inter-class distance": "mean distance between the means of two classes",
    "smallest inter-class distance": "the smallest of them",
    "inter-class angle": "mean angle between the means of two classes, radians",
    "smallest inter-class angle": "the smallest of them, radians",
    "recall@1": "share of held-out images whose nearest neighbor is of their class",
    "TAR at FAR 0.01": "share of pairs of a held-out class accepted at 1 % of impostors",
    "TAR at FAR 0.001": "the same at 0.1 %",
}


def measures(database: Database) -> pd.DataFrame:
    """Return one row per task, setting, term and seed, one column per measure, in `KEY`'s order."""
    plain = repository_queries.result_table(database).assign(term="", **{"lambda": 0.0})
    beside = repository_queries.term_table(database)
    terms = [_term(options) for options in beside.pop("options")]
    beside["term"] = [name for name, _ in terms]
    beside["lambda"] = [value for _, value in terms]
    rows = pd.concat([plain, beside[beside["term"] != ""]], ignore_index=True)
    ids = task_ids(database)
    rows["task"] = rows["task"].map(ids)
    rows = rows.dropna(subset="task").drop_duplicates([*KEY, "measure"])
    table = rows.pivot(index=list(KEY), columns="measure", values="value")
    return table.reindex(columns=[name for name in MEASURES if name in table]).reset_index()


def _term(more: tuple[tuple[str, float], ...]) -> tuple[str, float]:
    """Return the one term of a setting and its λ, or nothing where there are others."""
    values = dict(more)
    lambdas = {name: value for name, value in values.items() if name.endswith(".lambda")}
    if len(lambdas) != 1:
        return "", 0.0
    ((name, value),) = lambdas.items()
    return name.removesuffix(".lambda"), value
