"""What lists of studies show, over a real database."""

from sweeper import store
from sweeper.registry.setting import Setting
from sweeper.serve.known import Known
from sweeper.serve.lookup import Lookup


def test_the_best_of_a_deleted_study_is_not_shown_for_the_next_one(begin):
    """SQLite gives the new one its id, and both have as many trials."""
    study = begin()
    lookup = Lookup(study.database, Known(study.database))
    for m2 in (0.1, 0.4):
        study.add(setting := Setting("arcface", m2=m2, scale=16.0), accuracy=(0.9, 0.9))
        ((_, line),) = lookup.study_lines()
        assert line.setting == setting.describe()
        before = study.stored
        store.delete_study(study.database, study.stored)
        study = begin()
        assert study.stored.id == before.id
