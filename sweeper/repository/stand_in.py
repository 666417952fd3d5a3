"""How far a head on frozen features stands in for training the whole net."""

from dataclasses import dataclass

import pandas as pd

from sweeper.repository.gains import best_rate_gains
from sweeper.repository.records import Repository

_SETTING = ["loss", "m1", "m2", "m3", "scale"]

#: Fewest settings that two tasks of a source have in common for them to be compared.
_FEWEST = 15

#: ArcFace with the margin and the scale of its paper.
_DEFAULT = {"m1": 1.0, "m2": 0.5, "m3": 0.0, "scale": 64.0}


@dataclass(frozen=True)
class StandIn:
    """What is best on frozen features, where nets are trained on the data themselves.

    Attributes:
        sources: how many have both.
        regret: of the best setting on features, in points, a mean over sources.
        regret_of_default: likewise of ArcFace with the margin and scale of its paper.
        correlation: Spearman's, between the gains of settings there and here, likewise.
    """

    sources: int
    regret: float
    regret_of_default: float
    correlation: float


#: Of the shipped repository, by objective; `tests/repository/test_stand_in.py` measures it again.
MEASURED = {
    "accuracy": StandIn(19, 4.8, 3.3, 0.2),
    "retrieval": StandIn(16, 4.6, 5.1, 0.1),
}


def note(objective: str) -> str:
    """Return what to say of an answer for embeddings; nothing where it was not measured."""
    of = MEASURED.get(objective)
    if of is None:
        return ""
    return (
        "embeddings stay as they are: should they stand in for a net that is trained whole, ask "
        f"for that net and its images. Over {of.sources} known sources with both, what is best on "
        f"frozen features is {of.regret:.1f} points below the best there (ArcFace's default "
        f"{of.regret_of_default:.1f}), and settings rank alike by {of.correlation:.1f} only "
        "(1 is the same order)"
    )


def measured(repository: Repository, objective: str) -> StandIn:
    """Compare the tasks on frozen features with those of the same source that train a net.

    Every pair of tasks by the settings that both have, each at its best learning rate; then the
    mean over the pairs of a source.
    """
    gains = best_rate_gains(repository.objective(objective), objective)
    starts = repository.tasks.set_index("id")["start"]
    best = gains.groupby(["source", "task", *_SETTING], as_index=False)["gain"].max()
    frozen = best["task"].map(starts) == "frozen"
    rows = []
    for source, of_features in best[frozen].groupby("source"):
        trained = best[~frozen & (best["source"] == source)]
        for _, there in of_features.groupby("task"):
            for _, here in trained.groupby("task"):
                both = there.merge(here, on=_SETTING, suffixes=("_there", "_here"))
                if len(both) >= _FEWEST:
                    rows.append({"source": source, **_compared(both, here)})
    means = pd.DataFrame(rows).groupby("source").mean()
    return StandIn(
        len(means),
        round(100 * float(means["regret"].mean()), 1),
        round(100 * float(means["default"].mean()), 1),
        round(float(means["correlation"].mean()), 1),
    )


def _compared(both: pd.DataFrame, here: pd.DataFrame) -> dict[str, float]:
    is_default = (here[list(_DEFAULT)] == pd.Series(_DEFAULT)).all(axis=1)
    # Several may be best there, as where all samples are classified rightly: no order decides.
    chosen = both.loc[both["gain_there"] == both["gain_there"].max(), "gain_here"].mean()
    return {
        "regret": here["gain"].max() - chosen,
        "default": here["gain"].max() - here.loc[is_default, "gain"].max(),
        "correlation": both["gain_there"].corr(both["gain_here"], method="spearman"),
    }
