import random

from sweeper.data.class_names import encode, natural


def test_natural_order() -> None:
    ordered = ["1", "2", "10", "a", "a1", "a2", "a2b", "a10", "b", "m²", "²"]
    shuffled = random.Random(0).sample(ordered, len(ordered))
    assert sorted(shuffled, key=natural) == ordered
    assert sorted(["010", "10", "9", "09", "0"], key=natural) == ["0", "09", "9", "010", "10"]


def test_encode_distinguishes_equal_numbers() -> None:
    numbers, names = encode(["07", "10", "7", "07"])
    assert names == ("07", "7", "10")
    assert numbers.tolist() == [0, 2, 1, 0]
