"""The best known setting of a task, and its gain without the luck of the maximum."""

import numpy as np
import pandas as pd

from sweeper.registry.setting import Setting
from sweeper.repository.columns import SETTING
from sweeper.repository.gains import POOLED
from sweeper.repository.records import setting_of


def comparable(gains: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one task with its most frequent control.

    Settings at several learning rates have several controls, and a gain over badly trained plain
    softmax would mean nothing.
    """
    counts = gains.loc[gains["loss"] != "softmax", "control"].value_counts()
    if counts.empty:
        return gains.iloc[:0]
    most = counts[counts == counts.max()].index.min()
    rows: pd.DataFrame = gains[gains["control"] == most]
    return rows[rows["loss"] != "softmax"] if most == POOLED else rows


def best_measured(gains: pd.DataFrame) -> Setting:
    """Return the setting of one task with the largest gain: plain softmax if none gains over it.

    Only settings with at least the median number of seeds compete, so that a lucky seed does not
    win.

    Args:
        gains: of one task, see `gains.best_rate_gains`.
    """
    plain = gains["loss"] == "softmax"
    rows = gains[~plain & (gains["seeds"] >= gains.loc[~plain, "seeds"].median())]
    if rows.empty or rows["gain"].max() <= 0:
        rows = gains[plain]
    return setting_of(rows[list(SETTING)].iloc[int(rows["gain"].to_numpy().argmax())].to_dict())


def best_measured_gain(gains: pd.DataFrame) -> float:
    """Return the gain of the best of what `best_measured` chooses from, without its luck.

    The setting is chosen on half of the seeds and scored on the rest, as in `best_gain`.

    Args:
        gains: of one task, see `gains.best_rate_gains`.

    Returns:
        The gain, or NaN if the settings or plain softmax have a single seed.
    """
    plain = gains["loss"] == "softmax"
    enough = gains["seeds"] >= gains.loc[~plain, "seeds"].median()
    rows = gains[(~plain & enough) | (plain & (gains["gain"] == 0))].dropna(
        subset=["gain_a", "gain_b"]
    )
    if (rows["loss"] == "softmax").all():
        return float("nan")
    a, b = rows["gain_a"].to_numpy(), rows["gain_b"].to_numpy()
    return float((b[a.argmax()] + a[b.argmax()]) / 2)


def best_gain(rows: pd.DataFrame) -> float:
    """Return the gain of the best known setting: chosen on half of the seeds, scored on the rest.

    The average of both ways. The maximum of noisy means is biased upward; scoring a setting on
    other seeds than those it was chosen on avoids that bias. Plain softmax is among the choices.

    Args:
        rows: `comparable` rows of one task.

    Returns:
        The gain, or NaN if the settings or plain softmax have a single seed.
    """
    margins = rows[(rows["loss"] != "softmax") & rows["half_a"].notna()]
    if margins.empty or margins[["control_a", "control_b"]].isna().any(axis=None):
        return float("nan")
    control = float(margins["control_score"].iloc[0])
    halves = {}
    for half in ("a", "b"):
        plain = float(margins[f"control_{half}"].iloc[0])
        halves[half] = np.append(margins[f"half_{half}"].to_numpy(), plain)
    a, b = halves["a"], halves["b"]
    return float((b[a.argmax()] + a[b.argmax()]) / 2 - control)
