"""A loss or a term, of all members that compute it with one structure."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sweeper.losses.from_setting import loss_module, structure, term_module
from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS


@dataclass(frozen=True)
class LossGroup:
    """The loss itself, or one of the terms beside it, of all settings with one structure.

    Attributes:
        name: the structure, see `sweeper.losses.from_setting.structure`; tells groups apart.
        term: the term, or None for the loss.
    """

    name: str
    term: str | None

    def build(
        self,
        settings: Sequence[Setting],
        seeds: int,
        num_classes: int,
        embedding_size: int,
        training_steps: int,
    ) -> nn.Module:
        """Return the module of an array of these settings times so many seeds."""

        def values(name: str) -> Tensor:
            return _stacked(name, settings, seeds)

        sizes, members = (num_classes, embedding_size), len(settings) * seeds
        if self.term is not None:
            return term_module(self.term, settings[0], values, *sizes, members)
        return loss_module(settings[0], values, *sizes, members, training_steps)

    def alone(self, setting: Setting, num_classes: int, embedding_size: int) -> nn.Module:
        """Return the module of one member, for its initial weights; as if there were one step."""
        sizes = num_classes, embedding_size
        if self.term is not None:
            return term_module(self.term, setting, setting.__getitem__, *sizes)
        return loss_module(setting, setting.__getitem__, *sizes, training_steps=1)

    def weights(self, settings: Sequence[Setting], seeds: int) -> Tensor | None:
        """Return λ of a term for each member ``[m]``; None where nothing is to be multiplied."""
        name = None if self.term is None else TERMS[self.term].weight
        return None if name is None else _stacked(name, settings, seeds)


@dataclass(frozen=True)
class InitialState:
    """What a seed begins with: C and d, and each group's module for a single member."""

    sizes: tuple[int, int]
    modules: dict[LossGroup, nn.Module]


def loss_groups(setting: Setting) -> list[LossGroup]:
    """Return the groups that a setting belongs to: of its loss, then of its terms."""
    terms = [LossGroup(f"term: {structure(setting, term)}", term) for term in setting.terms]
    return [LossGroup(structure(setting), None), *terms]


def compare_pairs(settings: Sequence[Setting]) -> bool:
    """Return whether a loss or a term of any compares the samples of a batch with one another."""
    return any(
        LOSSES[setting.loss].compares_pairs
        or any(TERMS[term].compares_pairs for term in setting.terms)
        for setting in settings
    )


def _stacked(name: str, settings: Sequence[Setting], seeds: int) -> Tensor:
    """Return a hyperparameter of each member ``[K * R]``, exact."""
    per_setting = [setting[name] for setting in settings]
    return torch.tensor(per_setting, dtype=torch.float64).repeat(seeds)
