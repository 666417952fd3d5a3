"""Versions of the schema: code and database, each older than the other; and the check."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

import sweeper
from sweeper.errors import SweeperError
from sweeper.store import create_study, find_study, open_database
from sweeper.store.database.maintenance import check, upgrade
from sweeper.store.database.schema import known_versions, version_of

PACKAGE = Path(sweeper.__file__).parent

NEXT = '''
"""Add a column and a table."""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("sweeper_tasks", sa.Column("remark", sa.Text(), nullable=True))
    op.create_table("sweeper_extras", sa.Column("id", sa.Integer(), primary_key=True))
'''


@pytest.fixture
def next_sweeper(tmp_path):
    """Run code with a sweeper that has one migration more; return what it prints."""
    place = tmp_path / "next"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, place / "sweeper", ignore=ignored)
    shutil.copytree(PACKAGE.parent / "db", place / "db", ignore=ignored)
    (place / "db/migrations/versions/9999_next.py").write_text(NEXT)

    def run(code: str, url: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; url = sys.argv[1]\n{code}", url],
            env={**os.environ, "PYTHONPATH": str(place)},
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    return run


def test_versions_are_those_that_alembic_finds():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(PACKAGE.parent / "db" / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert known_versions() == [each.revision for each in script.walk_revisions()][::-1]


def test_an_older_database_is_upgraded_on_demand_and_is_then_too_new_for_old_code(
    own_database, study_record, next_sweeper
):
    create_study(own_database, study_record)
    url = own_database.url.render_as_string(hide_password=False)
    opening = "from sweeper.store import open_database; open_database(url, create=True)"
    said = next_sweeper(opening, url)
    assert "its tables are older (0008) than this sweeper; run `sweeper db upgrade`" in said
    upgrading = (
        "from sweeper.store import open_database\n"
        "from sweeper.store.database.maintenance import upgrade\n"
        "print(upgrade(open_database(url, any_version=True)))"
    )
    assert next_sweeper(upgrading, url) == "9999\n"
    assert next_sweeper("from sweeper.store import open_database; open_database(url)", url) == ""
    with pytest.raises(SweeperError, match=r"newer .*; upgrade sweeper"):
        open_database(url, create=True)
    with open_database(url, any_version=True) as newer:
        assert find_study(newer, study_record.name).spec == study_record.spec
        assert check(newer) == ["its tables are newer (9999) than this sweeper; upgrade sweeper"]
        with pytest.raises(SweeperError, match="newer"):
            upgrade(newer)


def test_an_upgrade_that_fails_changes_nothing(own_database, next_sweeper):
    with own_database.session() as session:
        session.execute(text("CREATE TABLE sweeper_extras (id INTEGER)"))  # in the migration's way
    upgrading = (
        "from sweeper.store import open_database\n"
        "from sweeper.store.database.maintenance import upgrade\n"
        "upgrade(open_database(url, any_version=True))"
    )
    said = next_sweeper(upgrading, own_database.url.render_as_string(hide_password=False))
    assert "already exists" in said
    assert version_of(own_database.engine) == "0008"
    columns = {
        column["name"] for column in inspect(own_database.engine).get_columns("sweeper_tasks")
    }
    assert "remark" not in columns


def test_upgrading_what_is_new_already_changes_nothing(own_database, study_record):
    study = create_study(own_database, study_record)
    assert upgrade(own_database) == known_versions()[-1]
    assert find_study(own_database, study.name) == study
    assert check(own_database) == []


def test_optunas_own_tables_are_upgraded_too(own_database):
    with own_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'v3.0.0.d'"))
    with pytest.raises(SweeperError, match="Optuna's tables are older"):
        _ = own_database.optuna_storage
    assert check(own_database) == ["Optuna's tables are older (v3.0.0.d); run `sweeper db upgrade`"]
    upgrade(own_database)
    assert check(own_database) == []
    assert "trials_study_id_key" in {  # what that version adds
        index["name"] for index in inspect(own_database.engine).get_indexes("trials")
    }


def test_versions_of_optunas_tables_that_nobody_knows(own_database):
    with own_database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'v9.0.0'"))
    with pytest.raises(SweeperError, match="does not know the version v9"):
        _ = own_database.optuna_storage
    with pytest.raises(SweeperError, match="does not know the version v9"):
        upgrade(own_database)


def test_the_check_names_what_differs(own_database):
    with own_database.session() as session:
        session.execute(text("ALTER TABLE sweeper_curves DROP COLUMN accuracy"))
        session.execute(text("ALTER TABLE sweeper_studies ADD COLUMN extra TEXT"))
        session.execute(text("DROP INDEX ix_sweeper_leases_worker"))
        session.execute(text("CREATE TABLE of_another_program (id INTEGER)"))
    assert set(check(own_database)) == {
        "missing column sweeper_curves.accuracy",
        "unknown column sweeper_studies.extra",
        "missing index ix_sweeper_leases_worker",
    }


def test_the_check_finds_damage(sqlite_database, study_record, sqlite_url):
    create_study(sqlite_database, study_record)
    sqlite_database.close()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(file.read_bytes())
    content[-4096 * 6 :] = b"\x5a" * 4096 * 6
    file.write_bytes(content)
    with open_database(sqlite_url, any_version=True) as damaged:
        try:
            faults = check(damaged)
        except SweeperError as error:
            faults = [str(error)]
    assert any("damaged" in fault for fault in faults)
