"""Statistics of each setting on each task: mean, noise, and gain over plain softmax."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv

from sweeper.data.class_folds import FOLDS
from sweeper.errors import SweeperError
from sweeper.repository.columns import SETTING
from sweeper.repository.objectives import score
from sweeper.repository.records import Repository

#: Weight, in degrees of freedom, of the task's typical variance when moderating a setting's
#: variance over its few seeds (Smyth 2004, with a fixed prior).
PRIOR_DEGREES = 4.0

#: The control of rows for whose learning rate and weight decay plain softmax was not trained.
POOLED = -1


class TooLittleError(SweeperError):
    """The repository has too few results to learn from."""


def setting_means(repository: Repository, objective: str) -> pd.DataFrame:
    """Return one sorted row per task and setting, with statistics over its seeds.

    After `task` and the setting's columns follow `score` (the mean over seeds), `se` (its standard
    error), `seeds`, and `half_a` and `half_b` (the means over every other seed, NaN for one seed).
    Where each seed holds out its own fold of the classes, the error is that of comparing settings
    over the same folds: that one fold is harder than another is the same for all settings.
    """
    results = repository.results[repository.results["objective"] == objective]
    key = ["task", *SETTING]
    table = results[[*key, "seed"]].copy()
    table["score"] = score(objective, results["value"].to_numpy())
    grouped = table.groupby(key, sort=True)
    means = grouped["score"].agg(["mean", "size"])
    means["var"] = _variances(repository, table, key)
    odd = grouped.cumcount() % 2 == 1  # rows are sorted by seed
    for name, chosen in (("half_a", ~odd), ("half_b", odd)):
        means[name] = table[chosen].groupby(key)["score"].mean()
    means.loc[means["size"] < 2, ["half_a", "half_b"]] = np.nan
    means = means.rename(columns={"mean": "score", "size": "seeds"}).reset_index()
    means["se"] = np.sqrt(_moderated(means) / means["seeds"])
    return means.drop(columns="var")


def _variances(repository: Repository, table: pd.DataFrame, key: list[str]) -> pd.Series:
    """Return each setting's variance over seeds, of the table of `setting_means`."""
    grouped = table.groupby(key, sort=True)
    by_folds = repository.tasks.loc[repository.tasks["split"] == "folds", "id"]
    settings = table["task"].map(grouped.size().groupby("task").size())
    paired = table["task"].isin(by_folds) & (settings > 1)
    if not paired.any():
        return grouped["score"].var()
    # An additive model of settings and folds: what is left has a degree of freedom less for each
    # fold, spread over the settings of the task.
    away = table["score"] - grouped["score"].transform("mean")
    effect = away.groupby([table["task"], table["seed"] % FOLDS]).transform("mean").where(paired, 0)
    factor = (settings / (settings - 1)).where(paired, 1.0)
    rest = table.assign(rest=(away - effect) * np.sqrt(factor))
    return rest.groupby(key, sort=True)["rest"].var()


def gains(repository: Repository, objective: str) -> pd.DataFrame:
    """Return `setting_means` with each setting's gain over plain softmax on the same task.

    The control is plain softmax at the same learning rate and weight decay or, if there is none,
    the mean of all plain softmax results of the task. Added columns: `control` (a number, `POOLED`
    for that mean; gains with the same task and control are comparable), `gain` and `gain_se` (both
    0 for plain softmax itself), `source`, and the controls of the two halves, `control_a` and
    `control_b`. Tasks without plain softmax are skipped, see `Repository.without_control`.
    """
    means = setting_means(repository, objective)
    plain = means[means["loss"] == "softmax"].copy()
    plain["control"] = plain.groupby("task").cumcount()
    plain["variance"] = plain["se"] ** 2
    pooled = plain.groupby("task").agg(
        control_score=("score", "mean"),
        control_a=("half_a", "mean"),
        control_b=("half_b", "mean"),
        variance=("variance", "sum"),
        number=("score", "size"),
    )
    pooled["control_se"] = np.sqrt(pooled["variance"]) / pooled["number"]
    pooled["control"] = POOLED
    renamed = {"score": "control_score", "se": "control_se"}
    renamed |= {"half_a": "control_a", "half_b": "control_b"}
    names = ["control", *renamed.values()]
    rate = ["task", "lr", "weight_decay"]
    matching = plain.rename(columns=renamed)[[*rate, *names]]
    table = means[means["task"].isin(plain["task"])].merge(matching, on=rate, how="left")
    unmatched = table["control"].isna().to_numpy()
    if unmatched.any():
        table.loc[unmatched, names] = pooled.loc[table.loc[unmatched, "task"], names].to_numpy()
    is_plain = table["loss"] == "softmax"
    table["control"] = table["control"].astype(int)
    table["gain"] = (table["score"] - table["control_score"]).mask(is_plain, 0.0)
    table["gain_se"] = np.where(is_plain, 0.0, np.hypot(table["se"], table["control_se"]))
    sources = repository.tasks.set_index("id")["source"]
    table["source"] = table["task"].map(sources)
    return table


def _moderated(means: pd.DataFrame) -> NDArray[np.float64]:
    """Return each setting's variance over seeds, shrunk toward the typical variance of its task.

    That is the median over the settings of the task, or of all tasks if it has only one seed, so
    that a few settings that collapse for some seeds do not make all others look noisy.
    """
    degrees = means["seeds"] - 1
    # The median of a sample variance is below the variance by this factor.
    factor = 2 * gammaincinv(np.maximum(degrees, 1) / 2, 0.5) / np.maximum(degrees, 1)
    unbiased = means["var"] / factor
    typical = unbiased.groupby(means["task"]).transform("median")
    overall = unbiased.median() if unbiased.notna().any() else 0.0
    typical = typical.fillna(overall)
    total = PRIOR_DEGREES * typical + degrees * means["var"].fillna(0.0)
    return np.asarray(total / (PRIOR_DEGREES + degrees), dtype=float)


def best_rate_gains(repository: Repository, objective: str) -> pd.DataFrame:
    """Return `setting_means` with the gain over plain softmax at the best of its rates.

    The learning rate is a nuisance parameter: where plain softmax was trained at several rates, the
    best of them is 0, and its others are below. Added columns: `gain`, `gain_a` and `gain_b` (of
    the two halves of the seeds), `source`, and `is_main`, whether the learning rate is the one
    that most settings with margins of the task were trained at; where it was searched along, so
    that none was had twice, it is the rate of each. `se` is the setting's own, as
    between settings of a task: the noise of plain softmax is in all gains of the task alike.
    Tasks without plain softmax, or without anything else, are skipped.
    """
    means = setting_means(repository, objective)
    is_plain = means["loss"] == "softmax"
    order = means[is_plain].sort_values(["task", "score", "lr"])
    plain = order.groupby("task").tail(1).set_index("task")
    margins = means[~is_plain & means["task"].isin(plain.index)]
    rates = margins.groupby(["task", "lr"]).size().rename("number").reset_index()
    # Of equally frequent rates the lowest.
    rates = rates.sort_values(["task", "number", "lr"], ascending=[True, False, True])
    main = rates.drop_duplicates("task").set_index("task")["lr"]
    table = means[means["task"].isin(main.index)].reset_index(drop=True)
    for own, column in (("score", "gain"), ("half_a", "gain_a"), ("half_b", "gain_b")):
        # A task whose plain softmax has a single seed has no halves.
        table[column] = table[own] - table["task"].map(plain[own])
    repeats = rates.groupby("task")["number"].max() > 1
    table["is_main"] = (table["lr"] == table["task"].map(main)) | ~table["task"].map(repeats)
    table["source"] = table["task"].map(repository.tasks.set_index("id")["source"])
    return table
