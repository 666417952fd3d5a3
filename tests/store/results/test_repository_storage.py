"""Imported repositories and choices."""

from sweeper.store import (
    Imported,
    add_repository,
    find_choice,
    imported_repositories,
    record_choice,
)


def test_imported_repositories_are_kept_byte_by_byte_and_once(database):
    first = Imported("ours.zip", "ab" * 32, bytes(range(256)) * 100)
    second = Imported("theirs.zip", "cd" * 32, b"")
    assert [add_repository(database, each) for each in (first, second, first)] == [
        True,
        True,
        False,
    ]
    assert imported_repositories(database) == [first, second]


def test_the_newest_choice_of_an_objective_counts(database):
    assert find_choice(database, "accuracy") is None
    for content in ("{}", '{"kind": "ridge"}'):
        record_choice(database, "accuracy", content)
    record_choice(database, "retrieval", "[]")
    assert find_choice(database, "accuracy") == '{"kind": "ridge"}'
    assert find_choice(database, "retrieval") == "[]"
