"""Texts of others in CSV files, as a spreadsheet would take them."""

import csv
import io

import pandas as pd
import pytest

from sweeper.csv_cells import safe_cell
from sweeper.report.page.text_table import csv_of


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1"])
def test_formulas_become_texts(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["cat", "-1", "+1.5", "a=b", "", 3, -0.5, None, "−2"])
def test_all_else_stays(value):
    assert safe_cell(value) == value


def test_a_frame_with_such_names_is_safe_and_its_numbers_are_numbers():
    frame = pd.DataFrame({"class": ["=HYPERLINK(1)", "dog"], "recall": [-0.5, float("nan")]})
    rows = list(csv.reader(io.StringIO(csv_of(frame))))
    assert rows == [["class", "recall"], ["'=HYPERLINK(1)", "-0.5"], ["dog", ""]]
