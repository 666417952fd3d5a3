"""The loss that a search found, as a module in a training loop of one's own.

    python examples/own_training_loop.py

The loss keeps one center per class, so its parameters are trained beside the net's. `logits`
classifies, without the margin.
"""

import torch
from sklearn.datasets import load_digits
from torch import nn

from sweeper.losses import CombinedMarginLoss

EPOCHS = 20


def main(epochs: int = EPOCHS) -> float:
    """Train on digits and return the accuracy on the last 500 images."""
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32).flatten(1)
    labels = torch.tensor(digits.target)

    net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 32))
    # As `sweeper results` shows the winner: m2 in radians.
    loss = CombinedMarginLoss(10, 32, m1=1.0, m2=0.2, m3=0.1, scale=16.0)
    optimizer = torch.optim.Adam([*net.parameters(), *loss.parameters()], lr=1e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(images) - 500).split(64):
            optimizer.zero_grad()
            loss(net(images[batch]), labels[batch]).backward()
            optimizer.step()

    with torch.no_grad():
        predicted = loss.logits(net(images[-500:])).argmax(1)
    return float((predicted == labels[-500:]).float().mean())


if __name__ == "__main__":
    print(f"accuracy {main():.3f}")
