"""Data sets in memory, their subsets and splits."""

from sweeper.data.dataset import TEST, TRAIN, VALIDATION, Dataset
from sweeper.data.describe import Description, describe
from sweeper.data.grammar import Subset, format_spec, parse
from sweeper.data.images.pixels import ImageSize
from sweeper.data.loading import load, names
from sweeper.data.splits import Split, split, training_part

__all__ = [
    "TEST",
    "TRAIN",
    "VALIDATION",
    "Dataset",
    "Description",
    "ImageSize",
    "Split",
    "Subset",
    "describe",
    "format_spec",
    "load",
    "names",
    "parse",
    "split",
    "training_part",
]
