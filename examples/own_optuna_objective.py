"""Margins and a scale suggested inside an Optuna objective of one's own.

    python examples/own_optuna_objective.py

The first trials take what the repository recommends for data like these; then Optuna goes on.
"""

import numpy as np
import optuna
import torch
from sklearn.datasets import load_digits
from torch import nn

import sweeper
from sweeper.losses import ArcFaceLoss

DIGITS = load_digits()
IMAGES = torch.tensor(DIGITS.images / 16, dtype=torch.float32).flatten(1)
LABELS = torch.tensor(DIGITS.target)


def train(loss: ArcFaceLoss, epochs: int = 5) -> float:
    """Train a small net with a loss, and return its accuracy on the last 500 images."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
    optimizer = torch.optim.Adam([*net.parameters(), *loss.parameters()], lr=1e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(IMAGES) - 500).split(64):
            optimizer.zero_grad()
            loss(net(IMAGES[batch]), LABELS[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        predicted = loss.logits(net(IMAGES[-500:])).argmax(1)
    return float((predicted == LABELS[-500:]).float().mean())


def main(n_trials: int = 8) -> optuna.Study:
    """Search the margin and the scale of ArcFace."""
    images = (DIGITS.images * 15).astype(np.uint8)  # [N, H, W]
    known = sweeper.recommend(images, DIGITS.target, loss="arcface", net="my-net", embedding=16)

    def objective(trial: optuna.Trial) -> float:
        setting = sweeper.suggest_margins(trial, "arcface", known)
        return train(ArcFaceLoss(10, 16, margin=setting.m2, scale=setting.scale))

    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials)
    return study


if __name__ == "__main__":
    best = main().best_trial
    print(f"accuracy {best.value:.3f} with {best.params}")
