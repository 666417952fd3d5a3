"""Fills docs/practice.md: what others train with, beside what the shipped repository says.

``python -m tools.practice`` writes both tables between the page's markers: the facts, which follow
from db/repository/practice.csv alone, and the recommendations, which change with the repository.
"""

import argparse
import math
from pathlib import Path

import numpy as np

from sweeper.repository.meta_features.counts import class_features, formula_features
from sweeper.repository.plan import Plan
from sweeper.repository.practice import Practice, practices
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.repository.records import Repository
from sweeper.repository.sources import shipped, stored_choice
from tools.pages import fill, markdown

PAGE = Path(__file__).parents[1] / "docs" / "practice.md"

#: Nearly all of the others retrieve or verify classes that they did not train on.
OBJECTIVE = "retrieval"


def facts() -> str:
    """Return the table of what others train with."""
    header = (
        *("domain, data", "net", "start", "classes", "a class", "loss", "margin"),
        *("for pytorch-metric-learning", "scale", "training", "result", "source"),
    )
    return markdown(header, [_facts_of(other) for other in practices()])


def _facts_of(other: Practice) -> tuple[str, ...]:
    what, classes, start, loss, margin, scale = other.cells()
    each = "–" if other.per_class is None else f"{other.per_class:,.0f}"
    cells = (what, other.backbone, start, classes, each, loss, margin, in_their_unit(other))
    return (*(c or "–" for c in (*cells, scale, other.schedule, other.score)), link(other.source))


def in_their_unit(other: Practice) -> str:
    """Return a margin as pytorch-metric-learning takes it: angles in degrees, cosines as they are.

    KevinMusgrave/pytorch-metric-learning 2.9, ``losses/arcface_loss.py``: ``np.radians(margin)``.
    """
    if other.margin == "own":
        return "–"
    of_angle = other.margin == "m2"
    ends = (math.degrees(end) if of_angle else end for end in (other.low, other.high))
    texts = dict.fromkeys(f"{end:.1f}°" if of_angle else f"{end:.2g}" for end in ends)
    return " to ".join(texts)


def link(source: str) -> str:
    """Return a source as a link, if it begins with an address, and what is said of the place."""
    address, _, place = source.partition(" ")
    if not address.startswith("https://"):
        return source
    name = address.removeprefix("https://").removeprefix("github.com/")
    return f"[{name}]({address}) {place}".rstrip()


def beside_ours(repository: Repository) -> str:
    """Return the table of what a repository recommends for the plan of each of the others."""
    header = ("domain, data", "net", "theirs", "ours", "known?")
    rows = []
    for other in practices():
        what, *_, loss, margin, scale = other.cells()
        theirs = f"{loss}, {margin}, s {scale}"
        rows.append((what, other.backbone or "–", theirs, *_ours(repository, other)))
    return markdown(header, rows)


def _ours(repository: Repository, other: Practice) -> tuple[str, str]:
    """Return what is recommended, and what is said of how much is known."""
    if other.num_classes is None or not other.start:
        return "–", "their classes or start are not"
    answer = recommended(repository, other)
    known = answer.known and other.start in set(repository.tasks["start"])
    return answer.setting.describe(), "known" if known else "not known"


def recommended(repository: Repository, other: Practice) -> Recommendation:
    """Return the recommendation for somebody's plan, as far as the table has it.

    What it has not is what the median task of the repository with that start has, or of any start
    if none has it: epochs, batch, embedding, images of a class, and all that is measured of the
    data. All classes count as equally large.
    """
    tasks = repository.tasks[repository.tasks["start"] == other.start]
    tasks = tasks if len(tasks) else repository.tasks
    typical = tasks.median(numeric_only=True)
    classes = other.num_classes or 0
    each = round(other.per_class or math.exp(typical["log_per_class_mean"]))
    plan = Plan(
        net=str(tasks["net"].mode()[0]),
        start=other.start,
        epochs=round(typical["epochs"]),
        num_train=classes * each,
        num_classes=classes,
        batch_size=round(typical["batch_size"]),
        lr=1e-3,
        embedding=round(typical["embedding"]),
    )
    features = {
        **{name: float(typical[name]) for name in repository.features},
        **class_features(np.full(classes, each)),
        **formula_features(classes),
    }
    loss = "cosface" if other.margin == "m3" else "arcface"
    choice = stored_choice(OBJECTIVE, None, repository.digest)
    return recommend(repository, features, plan, OBJECTIVE, loss, choice=choice)


def main() -> None:
    """Fill the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, default=PAGE)
    fill(parser.parse_args().page, {"settings": facts(), "ours": beside_ours(shipped())})


if __name__ == "__main__":
    main()
