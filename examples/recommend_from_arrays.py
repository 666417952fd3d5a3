"""Which margin and scale, before any training: asked with arrays of images and labels.

python examples/recommend_from_arrays.py
"""

import numpy as np
import torch
from sklearn.datasets import load_digits

import sweeper


def main() -> torch.nn.Module:
    """Print the recommendation for digits, and return its loss as a module."""
    digits = load_digits()
    images = (digits.images * 15).astype(np.uint8)  # uint8 [N, H, W]
    answer = sweeper.recommend(images, digits.target, objective="accuracy", loss="combined")
    print(answer)
    return answer.loss(num_classes=10, embedding_size=64)


if __name__ == "__main__":
    loss = main()
    print(loss)
