"""The classification data sets of torchvision: how each is built, and what is known of it.

Where the parts overlap in no class (Omniglot, CelebA, LFW) they are not used as given parts. Where
only training and validation images have published labels, the validation ones are the test part, as
papers report them. CIFAR and Fashion-MNIST have files of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sweeper.registry.dataset_info import DatasetInfo
from sweeper.registry.lookup import resolve

#: A part, or None where no part is given, and the arguments that build it.
Part = Literal["train", "validation", "test"]
Build = tuple[Part | None, Mapping[str, Any]]

_FLAG: tuple[Build, ...] = (("train", {"train": True}), ("test", {"train": False}))
_TWO: tuple[Build, ...] = (("train", {"split": "train"}), ("test", {"split": "test"}))
_THREE: tuple[Build, ...] = (*_TWO, ("validation", {"split": "val"}))
_VALID: tuple[Build, ...] = (*_TWO, ("validation", {"split": "valid"}))
_VAL_TESTS: tuple[Build, ...] = (("train", {"split": "train"}), ("test", {"split": "val"}))
_WHOLE: tuple[Build, ...] = ((None, {}),)


@dataclass(frozen=True)
class VisionSet(DatasetInfo):
    """A data set of torchvision.

    Attributes:
        kind: the class in ``torchvision.datasets``.
        place: where its files lie below the data root.
        builds: its parts.
        source: as in ``Dataset``, where it shares its images' origin with others.
        downloads: whether torchvision can download it.
        needs: a package that it cannot be read without and that is not one of ours.
        root: the folder below the data root that torchvision is given.
        unordered: whether torchvision lists images and classes as the file system happens to.
    """

    kind: str
    place: str
    builds: tuple[Build, ...]
    source: str = ""
    downloads: bool = True
    needs: str = ""
    root: str = ""
    unordered: bool = False
    loader: str = field(default="sweeper.data.builtin.torchvision_sets:load", kw_only=True)
    here: str = field(default="sweeper.data.builtin.torchvision_sets:is_here", kw_only=True)

    def load(self, **keys: Any) -> Any:
        """Return what the loader returns for this data set."""
        return resolve(self.loader)(self, **keys)

    def is_here(self) -> bool:
        """Return whether loading needs no network, found without loading anything."""
        return bool(resolve(self.here)(self))


def _emnist(split: str, about: str, images: int, classes: int) -> VisionSet:
    builds: tuple[Build, ...] = (
        ("train", {"split": split, "train": True}),
        ("test", {"split": split, "train": False}),
    )
    name = "emnist" if split == "balanced" else f"emnist-{split}"
    return VisionSet(name, about, images, classes, "28×28", "Cohen et al. 2017", "EMNIST",
        "EMNIST/raw",
               builds, source="mnist")  # fmt: skip


TORCHVISION_DATASETS: tuple[VisionSet, ...] = (
    VisionSet("caltech101", "objects", 8_677, 101, "various", "Fei-Fei et al. 2004, CC BY 4.0",
        "Caltech101", "caltech101", _WHOLE),
    VisionSet("caltech256", "objects", 30_607, 257, "various", "Griffin et al. 2007, CC BY 4.0",
        "Caltech256", "caltech256", _WHOLE),
    VisionSet("celeba", "faces of celebrities", 202_599, 10_177, "various",
        "Liu et al. 2015, research only", "CelebA", "celeba",
        ((None, {"split": "all", "target_type": "identity"}),)),
    VisionSet("clevr", "rendered scenes, by number of objects", 85_000, 8, "various",
        "Johnson et al. 2017, CC BY 4.0", "CLEVRClassification", "clevr/CLEVR_v1.0", _VAL_TESTS),
    VisionSet("country211", "photos, by country", 63_300, 211, "various", "Radford et al. 2021",
        "Country211", "country211", _VALID),
    VisionSet("dtd", "textures", 5_640, 47, "various", "Cimpoi et al. 2014", "DTD", "dtd/dtd",
        _THREE),
    _emnist("balanced", "handwritten digits and letters, balanced", 131_600, 47),
    _emnist("byclass", "handwritten digits, upper and lower case", 814_255, 62),
    _emnist("bymerge", "handwritten digits and letters, cases that look alike merged", 814_255, 47),
    _emnist("digits", "handwritten digits", 280_000, 10),
    _emnist("letters", "handwritten letters", 145_600, 26),
    VisionSet("eurosat", "satellite images of land use", 27_000, 10, "64×64×3",
        "Helber et al. 2019, MIT", "EuroSAT", "eurosat/2750", _WHOLE),
    VisionSet("fer2013", "facial expressions", 35_887, 7, "48×48", "Goodfellow et al. 2013",
        "FER2013", "fer2013", _TWO, downloads=False),
    VisionSet("fgvc-aircraft", "aircraft, by variant", 10_000, 100, "various",
        "Maji et al. 2013, research only", "FGVCAircraft", "fgvc-aircraft-2013b", _THREE),
    VisionSet("flowers102", "flowers", 8_189, 102, "various", "Nilsback and Zisserman 2008",
        "Flowers102", "flowers-102", _THREE),
    VisionSet("food101", "dishes", 101_000, 101, "various", "Bossard et al. 2014",
        "Food101", "food-101", _TWO),
    VisionSet("gtsrb", "German traffic signs", 39_270, 43, "various", "Stallkamp et al. 2012",
        "GTSRB", "gtsrb", _TWO),
    VisionSet("imagenet", "objects", 1_331_167, 1000, "various",
        "Russakovsky et al. 2015, research only", "ImageNet", "imagenet", _VAL_TESTS,
        downloads=False, root="imagenet"),
    VisionSet("imagenette", "ten easy classes of ImageNet", 13_394, 10, "various", "fast.ai 2019",
        "Imagenette", "imagenette2-160",
        (("train", {"split": "train", "size": "160px"}),
         ("test", {"split": "val", "size": "160px"})),
        source="imagenet"),
    VisionSet("inaturalist", "species, the small training set of 2021", 600_000, 10_000, "various",
        "Van Horn et al. 2021, research only", "INaturalist", "2021_train_mini",
        (("train", {"version": "2021_train_mini"}), ("test", {"version": "2021_valid"})),
        unordered=True),
    VisionSet("kmnist", "handwritten Japanese characters", 70_000, 10, "28×28",
        "Clanuwat et al. 2018, CC BY-SA 4.0", "KMNIST", "KMNIST/raw", _FLAG),
    VisionSet("lfw-people", "faces of people in the news", 13_233, 5_749, "various",
        "Huang et al. 2007", "LFWPeople", "lfw-py", _WHOLE, downloads=False),
    VisionSet("mnist", "handwritten digits", 70_000, 10, "28×28", "LeCun et al. 1998, CC BY-SA 3.0",
        "MNIST", "MNIST/raw", _FLAG),
    VisionSet("omniglot", "handwritten characters of 50 alphabets", 32_460, 1_623, "various",
        "Lake et al. 2015, MIT", "Omniglot", "omniglot-py",
        ((None, {"background": True}), (None, {"background": False})), unordered=True),
    VisionSet("oxford-iiit-pet", "breeds of cats and dogs", 7_349, 37, "various",
        "Parkhi et al. 2012, CC BY-SA 4.0", "OxfordIIITPet", "oxford-iiit-pet",
        (("train", {"split": "trainval"}), ("test", {"split": "test"}))),
    VisionSet("pcam", "tissue of lymph nodes, with and without tumour", 327_680, 2, "96×96×3",
        "Veeling et al. 2018, CC0", "PCAM", "pcam", _THREE, needs="h5py"),
    VisionSet("places365", "scenes", 1_839_960, 365, "various", "Zhou et al. 2017",
        "Places365", "data_256_standard",
        (("train", {"split": "train-standard", "small": True}),
         ("test", {"split": "val", "small": True}))),
    VisionSet("qmnist", "handwritten digits, MNIST with more test images", 120_000, 10, "28×28",
        "Yadav and Bottou 2019", "QMNIST", "QMNIST/raw", _FLAG, source="mnist"),
    VisionSet("rendered-sst2", "film reviews as images, by sentiment", 9_613, 2, "various",
        "Radford et al. 2021", "RenderedSST2", "rendered-sst2", _THREE),
    VisionSet("semeion", "handwritten digits", 1_593, 10, "16×16", "Semeion 1994, CC BY 4.0",
        "SEMEION", "semeion.data", _WHOLE),
    VisionSet("stanford-cars", "cars, by model", 16_185, 196, "various", "Krause et al. 2013",
        "StanfordCars", "stanford_cars", _TWO, downloads=False),
    VisionSet("stl10", "objects, few training images", 13_000, 10, "96×96×3", "Coates et al. 2011",
        "STL10", "stl10_binary", _TWO, source="imagenet"),
    VisionSet("sun397", "scenes", 108_754, 397, "various", "Xiao et al. 2010", "SUN397", "SUN397",
        _WHOLE, unordered=True),
    VisionSet("svhn", "house numbers in photos", 99_289, 10, "32×32×3",
        "Netzer et al. 2011, non-commercial", "SVHN", "train_32x32.mat", _TWO),
    VisionSet("usps", "handwritten digits of zip codes", 9_298, 10, "16×16", "Hull 1994",
        "USPS", "usps.bz2", _FLAG),
)  # fmt: skip
