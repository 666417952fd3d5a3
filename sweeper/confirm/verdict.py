"""What came out of a confirmation, in plain words."""

import math
from collections.abc import Mapping

from sweeper.confirm.paired import Paired, paired
from sweeper.registry.controls import control_loss, in_words
from sweeper.registry.objectives import OBJECTIVES, is_share
from sweeper.store import Confirmation, SplitName
from sweeper.store.results.confirmations import Label
from sweeper.study.ranking import cost

_SOFTMAX = "softmax"


def verdict(confirmation: Confirmation, objective: str) -> list[str]:
    """Return what was found on test data, a sentence each.

    A lead counts where the 95 % interval of the paired differences leaves out 0.

    Args:
        confirmation: that has read the test split.
        objective: the one that the winner was chosen by.
    """
    winner = confirmation.winner
    others = [label for label in confirmation.values if isinstance(label, str)]
    lines = []
    plain = next((label for label in others if control_loss(label) == _SOFTMAX), None)
    if plain is not None:
        lines.append(_against_softmax(confirmation, objective, plain, others))
    for label in others:
        lead = _lead(confirmation, objective, label, winner)
        if lead.seeds and _is_better(objective, lead.mean):
            noise = "more than its noise" if lead.exceeds_noise else "within its noise"
            if math.isnan(lead.p):
                noise = "its noise is unknown"
            chosen = _lead(confirmation, objective, label, winner, "validation")
            worse = "worse" if OBJECTIVES[objective].direction == "minimize" else "lower"
            there = "better there, too" if _is_better(objective, chosen.mean) else f"{worse} there"
            lines.append(
                f"{in_words(label)} scored {_better(objective)} on test data than trial {winner}, "
                f"by {_size(objective, lead)} ({noise}); trial {winner} was chosen on "
                f"validation data, and {in_words(label)} was {there}"
            )
    return lines


def exported(confirmation: Confirmation, objective: str) -> str:
    """Return what is exported, and why."""
    trial, seed = confirmation.winner, best_seed(confirmation, objective)
    why = f"the best of the trials by {objective} on validation data"
    if lines := [line for line in verdict(confirmation, objective) if " scored " in line]:
        those, are = ("defaults", "are") if len(lines) > 1 else ("default", "is")
        why += (
            f"; a choice by test data would flatter its own figures, so the {those} that scored "
            f"{_better(objective)} there {are} not taken"
        )
    return f"exported: trial {trial} with seed {seed}, {why}"


def best_seed(confirmation: Confirmation, objective: str) -> int:
    """Return the seed of the winner that was best on validation data."""
    own = confirmation.values[confirmation.winner]["validation"][objective]
    return min(own, key=lambda seed: cost(objective, own[seed]))


def _against_softmax(
    confirmation: Confirmation, objective: str, plain: str, others: list[str]
) -> str:
    winner = confirmation.winner
    lead = _lead(confirmation, objective, winner, plain)
    if lead.seeds < 2:
        return "with fewer than two seeds to compare, noise is unknown: no verdict"
    if lead.mean and math.isnan(lead.p):
        return (
            f"all {lead.seeds} seeds set trial {winner} apart from plain softmax by the same "
            f"{_size(objective, lead)}, which tells no noise: no verdict"
        )
    if lead.exceeds_noise and _is_better(objective, lead.mean):
        return (
            f"trial {winner} beat plain softmax on test data by {_size(objective, lead)}, more "
            "than its noise"
        )
    beaten = {
        label: found
        for label in others
        if label != plain
        and (found := _lead(confirmation, objective, label, plain)).exceeds_noise
        and _is_better(objective, found.mean)
    }
    if beaten:
        did = " and ".join(
            f"{in_words(label)} did, by {_size(objective, found)}"
            for label, found in beaten.items()
        )
        return f"trial {winner} did not beat plain softmax by more than its noise; {did}"
    return "nothing beat plain softmax by more than its noise"


def _lead(
    confirmation: Confirmation,
    objective: str,
    one: Label,
    other: Label,
    split: SplitName = "test",
) -> Paired:
    of: Mapping[Label, Mapping[int, float]] = {
        label: confirmation.values[label][split][objective] for label in (one, other)
    }
    return paired(of[one], of[other])


def _is_better(objective: str, difference: float) -> bool:
    return difference > 0 if OBJECTIVES[objective].maximize else difference < 0


def _better(objective: str) -> str:
    return "higher" if OBJECTIVES[objective].maximize else "better"


def _size(objective: str, lead: Paired) -> str:
    size = abs(lead.mean)
    return f"{100 * size:.2f} points" if is_share(objective) else f"{size:.4f}"
