import dataclasses

import pytest

from sweeper import data
from sweeper.report.datasets import print_description


def test_classes_that_a_part_lacks_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    whole = data.describe(data.load("digits[per_class=10]"))
    print_description(whole)
    said = capsys.readouterr().out
    assert "not in" not in said
    assert "label noise" not in said
    print_description(dataclasses.replace(whole, label_noise=0.3))
    assert "label noise  " in capsys.readouterr().out
    many = tuple(f"c{i}" for i in range(12))
    print_description(dataclasses.replace(whole, missing={"validation": ("2", "5"), "test": many}))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "not in validation 2, 5" in lines
    assert "not in test c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 2 more" in lines
