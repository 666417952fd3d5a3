"""docs/results/recommendation.md has what the shipped choices say."""

import pytest

from tools import recommendation


def written(name):
    text = recommendation.PAGE.read_text(encoding="utf-8")
    return text.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0].strip()


def test_the_tables_are_up_to_date():
    for name, content in recommendation.tables(recommendation.shipped_choices()).items():
        assert written(name) == content, f"run: python -m {recommendation.__name__}"


@pytest.mark.long
def test_the_table_of_terms_is_up_to_date():
    content = recommendation.terms_table(recommendation.shipped_choices())
    assert written("terms") == content, f"run: python -m {recommendation.__name__}"
