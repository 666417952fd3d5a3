"""One toy of each kind, as somebody would add it: its code here, and a record beside it."""

import numpy as np
import torch
from optuna.pruners import BasePruner, ThresholdPruner
from optuna.samplers import BaseSampler, RandomSampler
from torch import Tensor, nn

from sweeper.data.raw_dataset import RawDataset
from sweeper.losses.centers import center_parameter, values_of_samples
from sweeper.losses.cross_entropy import mean_cross_entropy
from sweeper.losses.init import class_parameter
from sweeper.losses.per_member import PerMember, per_member, register_hyperparameters
from sweeper.registry.dataset_info import DatasetInfo
from sweeper.registry.hyperparameters import Hyperparameter, SearchRange
from sweeper.registry.losses import LossInfo
from sweeper.registry.nets import NetInfo
from sweeper.registry.objectives import ObjectiveInfo
from sweeper.registry.pruners import PrunerInfo
from sweeper.registry.samplers import SamplerInfo
from sweeper.registry.terms import TermInfo
from sweeper.study.samplers.proposing import Proposing
from sweeper.study.study_file import StudySpec


class ToyLoss(nn.Module):
    """Softmax of products that are multiplied by a temperament."""

    temperament: PerMember

    def __init__(
        self,
        num_classes: int,
        embedding_size: int,
        temperament: PerMember = 1.0,
        members: int | None = None,
    ) -> None:
        super().__init__()
        leading = register_hyperparameters(self, {"temperament": temperament}, members)
        self.weight = class_parameter(embedding_size, *leading, num_classes, embedding_size)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        return mean_cross_entropy(self.logits(features), labels)

    def logits(self, features: Tensor) -> Tensor:
        products = features @ self.weight.mT
        return per_member(self.temperament, products, 2) * products


class ToyTerm(nn.Module):
    """The squared distance of a length to the radius of the class, which is learned."""

    def __init__(self, num_classes: int, members: int | None = None) -> None:
        super().__init__()
        leading = register_hyperparameters(self, {}, members)
        self.radii = center_parameter(*leading, num_classes)

    def forward(self, features: Tensor, labels: Tensor) -> Tensor:
        radii = self.radii.unsqueeze(-2)
        labels = labels.expand(features.shape[:-1])
        own = values_of_samples(labels, radii).squeeze(-2)
        return (features.norm(dim=-1) - own).square().mean(-1)


def toy_metric(logits: Tensor, labels: Tensor) -> Tensor:
    """The share of samples that are classified wrongly."""
    return (logits.argmax(-1) != labels).double().mean(-1)


def toy_net(input_shape: tuple[int, ...], embedding: int) -> nn.Module:
    return nn.Sequential(nn.Linear(input_shape[0], embedding), nn.Tanh())


def load_toy_clouds() -> RawDataset:
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 20)
    points = generator.normal(size=(4, 5))[labels] + generator.normal(size=(80, 5)) / 2
    inputs = torch.from_numpy(points.astype(np.float32))
    return RawDataset("toy", torch.from_numpy(labels), ("a", "b", "c", "d"), inputs)


def make_toy_sampler(proposing: Proposing) -> BaseSampler:
    return RandomSampler(seed=proposing.seed)


def make_toy_pruner(spec: StudySpec) -> BasePruner:
    return ThresholdPruner(upper=1.0)


HERE = "tests.support.toys"

LOSS = LossInfo(
    "toy-loss",
    f"{HERE}:ToyLoss",
    "",
    "a toy",
    "",
    margins={
        "temperament": Hyperparameter(
            2.0,
            above=0.0,
            search=SearchRange(0.5, 8.0, (0.5, 2.0, 8.0), log=True),
            title="temperament of the toy",
        )
    },
    paper={"temperament": 4.0},
)
TERM = TermInfo(
    "toy-term",
    f"{HERE}:ToyTerm",
    "",
    "a toy",
    "",
    {"lambda": Hyperparameter(0.1, least=0.0, search=SearchRange(0.01, 1.0, (0.1,), log=True))},
)
OBJECTIVE = ObjectiveInfo(
    "toy-error",
    f"{HERE}:toy_metric",
    "minimize",
    about="share of the toys that are missed",
    question="miss fewest toys",
    meaning="share of the {split} toys that are missed",
    title="missed toys",
)
NET = NetInfo("toy-net", f"{HERE}:toy_net", "toys", takes="embeddings")
DATASET = DatasetInfo(
    "toy-clouds", "four clouds", 80, 4, "5 numbers", "made here", loader=f"{HERE}:load_toy_clouds"
)
SAMPLER = SamplerInfo("toy-sampler", f"{HERE}:make_toy_sampler", "draws toys")
PRUNER = PrunerInfo("toy-pruner", f"{HERE}:make_toy_pruner", "prunes what is above 1")
