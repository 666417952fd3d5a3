import pytest

from sweeper.errors import UsageError
from sweeper.study.published import published_table
from sweeper.study.resolve import builtin_studies, builtin_study, resolve


def test_a_study_without_a_table(study):
    assert published_table(study()) is None


@pytest.mark.parametrize("name", ["mnist-arcface", "mnist-combined"])
def test_the_reports_table_holds_every_margin_of_its_studies(name):
    spec = resolve(name)
    table = published_table(spec)
    columns = ["dataset", "loss", "m1", "m2", "m3", "epochs", "runs", "accuracy"]
    assert list(table.columns) == columns
    for setting in spec.settings_list():
        rows = table[table.loss == setting.loss]
        if setting.loss != "softmax":
            rows = rows[(rows.m2 == setting.m2) & (rows.m3 == setting.m3)]
        assert len(rows) == 1
    row = table[(table.loss == "combined") & (table.m2 == 0.43) & (table.m3 == 0.35)]
    assert row.accuracy.item() == 98.95


@pytest.mark.parametrize("name", [n for n in builtin_studies() if builtin_study(n).published])
def test_published_tables_are_read(name):
    table = published_table(builtin_study(name))
    assert "loss" in table
    assert len(table) >= 7


def test_a_table_of_the_users_own(study, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("loss,accuracy\nsoftmax,99.0\n")
    table = published_table(study(published={"table": str(path)}))
    assert table.to_dict("records") == [{"loss": "softmax", "accuracy": 99.0}]


@pytest.mark.parametrize("content", [b"", b'a,b\n"1,2\n3,4,5\n', b"\xff\xfe\x00"])
def test_a_table_that_cannot_be_read(study, tmp_path, content):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"bad\.csv is no readable CSV") as caught:
        published_table(study(published={"table": str(path)}))
    assert len(str(caught.value).splitlines()) == 1


def test_a_table_that_is_not_there(study):
    with pytest.raises(UsageError, match=r"there is no table 'mnist_margin\.csv'"):
        published_table(study(published={"table": "mnist_margin.csv"}))
