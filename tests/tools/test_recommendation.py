"""docs/results/recommendation.md has what the shipped choices say."""

from tools import recommendation


def test_the_tables_are_up_to_date():
    text = recommendation.PAGE.read_text(encoding="utf-8")
    for name, content in recommendation.tables(recommendation.shipped_choices()).items():
        between = text.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]
        assert between.strip() == content, f"run: python -m {recommendation.__name__}"
