from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sweeper.data import TEST, TRAIN, VALIDATION, Dataset, Subset, load
from sweeper.data.raw_dataset import RawDataset
from sweeper.data.subset import apply
from sweeper.errors import SweeperError, UsageError

SIZES = (50, 80, 60, 100)


@pytest.fixture
def raw() -> RawDataset:
    labels = torch.arange(4).repeat_interleave(torch.tensor(SIZES))
    return RawDataset(
        "made", labels, ("ant", "bee", "cat", "dog"), torch.arange(len(labels)).float()[:, None]
    )


def with_parts(raw: RawDataset, parts: list[int]) -> RawDataset:
    """Parts alternate within each class, like dealt cards."""
    dealt = [parts[i % len(parts)] for size in SIZES for i in range(size)]
    return RawDataset(
        raw.source, raw.labels, raw.class_names, raw.inputs,
        parts=torch.tensor(dealt, dtype=torch.uint8),
    )  # fmt: skip


def sizes(dataset: Dataset) -> list[int]:
    return dataset.labels.bincount(minlength=dataset.num_classes).tolist()


def chosen(dataset: Dataset) -> list[int]:
    return dataset.inputs[:, 0].int().tolist()


def test_the_default_is_everything(raw: RawDataset) -> None:
    dataset = apply(raw, "made", Subset())
    assert dataset.name == "made"
    assert sizes(dataset) == list(SIZES)
    assert chosen(dataset) == list(range(sum(SIZES)))


@pytest.mark.parametrize(
    ("classes", "names"),
    [((0, 2), ("ant", "cat")), ((3, "ant"), ("ant", "dog")), (("cat", "bee"), ("bee", "cat"))],
)
def test_classes_keep_the_order_of_the_data_set(raw: RawDataset, classes, names) -> None:
    dataset = apply(raw, "made", Subset(classes=classes))
    assert dataset.class_names == names
    expected = [i for i, label in enumerate(raw.labels.tolist())
                if raw.class_names[label] in names]  # fmt: skip
    assert chosen(dataset) == expected
    assert [dataset.class_names[c] for c in dataset.labels] == [
        raw.class_names[raw.labels[i]] for i in expected
    ]


def test_numbers_are_names_where_all_names_are_numbers(raw: RawDataset) -> None:
    numbered = RawDataset("made", raw.labels, ("1", "2", "3", "10"), raw.inputs)
    assert apply(numbered, "made", Subset(classes=(2, 10))).class_names == ("2", "10")
    with pytest.raises(UsageError, match=r"no class 0; the classes are 1-3\+10"):
        apply(numbered, "made", Subset(classes=(0, 1)))


@pytest.mark.parametrize(
    ("names", "classes", "chosen"),
    [
        (("7", "20190031", "x", "y"), (20190031, "x"), ("20190031", "x")),
        (("7", "8", "x", "y"), (0, 8), ("7", "8")),  # 0 is a position, since no class has that name
        (("007", "7", "8", "9"), ("007", 8), ("007", "8")),
        (("007", "7", "8", "9"), (7, 8), ("7", "8")),
        (("00", "01", "02", "03"), (1, "02"), ("01", "02")),
        (("0", "1", "2", "3"), ("03", 1), ("1", "3")),
    ],
)
def test_a_number_is_a_name_before_it_is_a_position(
    raw: RawDataset, names: tuple[str, ...], classes, chosen: tuple[str, ...]
) -> None:
    numbered = RawDataset("made", raw.labels, names, raw.inputs)
    assert apply(numbered, "made", Subset(classes=classes)).class_names == chosen


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        ((0, 4), "there is no class 4; the classes are 0-3 by position, 'ant' to "),
        (("and",), "unknown class 'and'; did you mean ant"),
        ((1,), "leaves one class"),
    ],
)
def test_invalid_classes(raw: RawDataset, classes, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        apply(raw, "made", Subset(classes=classes))
    assert says in str(caught.value)


def test_per_class_by_seed(raw: RawDataset) -> None:
    one, same, other = (apply(raw, "made", Subset(per_class=20, seed=seed)) for seed in (1, 1, 2))
    assert sizes(one) == [20] * 4
    assert chosen(one) == chosen(same)
    assert one.fingerprint() == same.fingerprint()
    assert chosen(one) != chosen(other)
    assert chosen(one) == sorted(chosen(one))


def test_a_smaller_choice_is_part_of_a_larger_one(raw: RawDataset) -> None:
    small, large = (apply(raw, "made", Subset(per_class=n)) for n in (10, 30))
    assert set(chosen(small)) < set(chosen(large))


def test_a_predefined_test_part_is_kept_whole(raw: RawDataset) -> None:
    dataset = apply(with_parts(raw, [TRAIN, TRAIN, TEST]), "made", Subset(per_class=10))
    assert dataset.parts is not None
    counts = [(dataset.labels[dataset.parts == part]).bincount().tolist() for part in (TRAIN, TEST)]
    assert counts == [[10] * 4, [size // 3 for size in SIZES]]


@pytest.mark.parametrize("per_class", [2, 3, 7, 40])
@pytest.mark.parametrize(
    "other_classes", [3, 9]
)  # with nine, three images would round to no validation images images
def test_predefined_validation_images_are_reduced_in_proportion(
    raw: RawDataset, per_class: int, other_classes: int
) -> None:
    parts = with_parts(raw, [TRAIN] * other_classes + [VALIDATION])
    dataset = apply(parts, "made", Subset(per_class=per_class))
    assert dataset.parts is not None
    validation = dataset.labels[dataset.parts == VALIDATION].bincount(minlength=4)
    assert sizes(dataset) == [per_class] * 4
    assert (validation >= 1).all()
    assert (abs(validation - per_class / (other_classes + 1)) <= 1).all()


def test_more_images_than_available(raw: RawDataset) -> None:
    with pytest.raises(UsageError, match="class 'ant' has 50 images outside the test part"):
        apply(raw, "made", Subset(per_class=51))


@pytest.mark.parametrize(
    ("subset", "remedy"),
    [
        (Subset(per_class=51), "; lower per_class or leave the class out"),
        (Subset(imbalance=2, per_class=200), "; lower per_class or leave the class out"),
        (Subset(imbalance=2), "the 1 requested; leave the class out"),
        (Subset(per_class=1), "the 1 requested; leave the class out"),
    ],
)
def test_only_useful_remedies_are_suggested(raw: RawDataset, subset: Subset, remedy: str) -> None:
    none_left = (subset.per_class or 1) == 1
    parts = with_parts(raw, [TRAIN])
    parts.parts[parts.labels == 1] = TEST if none_left else TRAIN
    with pytest.raises(UsageError) as caught:
        apply(parts, "made", subset)
    assert remedy in str(caught.value)


@pytest.mark.parametrize("ratio", [2, 7.5, 10])
def test_imbalance_has_the_ratio_and_the_profile(raw: RawDataset, ratio: float) -> None:
    got = sizes(apply(raw, "made", Subset(imbalance=ratio, per_class=50)))
    for c, size in enumerate(got):
        assert abs(size - 50 * ratio ** (-c / 3)) <= 0.5
    assert got[0] == 50
    assert got == sorted(got, reverse=True)


def test_imbalance_without_a_size_uses_as_many_as_possible(raw: RawDataset) -> None:
    got = sizes(apply(raw, "made", Subset(imbalance=100)))
    assert got == [50, round(50 * 100 ** (-1 / 3)), round(50 * 100 ** (-2 / 3)), 1]
    rising = RawDataset("made", 3 - raw.labels, raw.class_names, raw.inputs)  # 100, 60, 80, 50
    assert sizes(apply(rising, "made", Subset(imbalance=4)))[0] == int(60 * 4 ** (1 / 3))
    assert sizes(apply(rising, "made", Subset(imbalance=4)))[1] == 60


def test_noise_is_recorded_only(raw: RawDataset) -> None:
    noisy, clean = (apply(raw, "made", Subset(noise=n, seed=3)) for n in (0.3, 0))
    assert torch.equal(noisy.labels, clean.labels)
    assert (noisy.label_noise, noisy.seed) == (0.3, 3)
    assert noisy.name == "made[noise=0.3, seed=3]"


def test_global_random_state_is_neither_used_nor_changed(raw: RawDataset) -> None:
    torch.manual_seed(0)
    np.random.seed(0)
    first = apply(raw, "made", Subset(per_class=9, noise=0.1))
    torch.manual_seed(1)
    np.random.seed(1)
    expected = (torch.initial_seed(), np.random.get_state()[1].tolist())
    second = apply(raw, "made", Subset(per_class=9, noise=0.1))
    assert first.fingerprint() == second.fingerprint()
    assert (torch.initial_seed(), np.random.get_state()[1].tolist()) == expected


@pytest.mark.parametrize("subset", [Subset(size=16), Subset(skip_broken=True)])
def test_keys_of_image_files_are_rejected_elsewhere(raw: RawDataset, subset: Subset) -> None:
    with pytest.raises(UsageError, match="is for data sets of image files, which 'made' is not"):
        apply(raw, "made", subset)


def test_one_class_only(raw: RawDataset) -> None:
    one = RawDataset("made", torch.zeros(5, dtype=torch.int64), ("ant",), torch.zeros(5, 1))
    with pytest.raises(SweeperError, match="only one class"):
        apply(one, "made", Subset())


def test_samples_keep_their_names(tmp_path: Path, write_images) -> None:
    write_images(tmp_path, {f"{c}/{i}.png": (8, 8) for c in "abc" for i in range(5)})
    (tmp_path / "b" / "1.png").write_bytes(b"broken")
    dataset = load(f"{tmp_path}[classes=a+b, per_class=3, broken=skip]")
    assert dataset.sample_names is not None
    assert len(dataset.sample_names) == len(dataset)
    for position, name in enumerate(dataset.sample_names):
        assert dataset.sample_name(position) == name
        with Image.open(tmp_path / name) as image:
            assert np.array_equal(np.asarray(image), dataset.inputs[position, 0])
        assert name.startswith(dataset.class_names[int(dataset.labels[position])])


def test_samples_of_arrays_are_named_by_their_index(tmp_path: Path) -> None:
    embeddings = np.arange(24, dtype=np.float32).reshape(12, 2)
    np.savez(tmp_path / "a.npz", embeddings=embeddings, labels=np.arange(12) % 3)
    dataset = load(f"{tmp_path / 'a.npz'}[classes=1-2, per_class=2]")
    assert dataset.sample_names is not None
    assert np.array_equal(embeddings[dataset.sample_names], dataset.inputs)
    assert dataset.sample_name(0) == f"#{dataset.sample_names[0]}"
    assert load("digits").sample_names is None
