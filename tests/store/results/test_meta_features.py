"""Meta-features are stored once for each split of a data set."""

from dataclasses import replace

from sweeper.store import create_study, find_meta_features, record_meta_features

FEATURES = {"log_images": 1 / 3, "overlap": -2.5}


def test_what_is_stored_is_found(database, study, study_record):
    assert find_meta_features(database, study_record.task) == {}
    record_meta_features(database, study_record.task, FEATURES)
    assert find_meta_features(database, study_record.task) == FEATURES


def test_what_is_there_stays(database, study, study_record):
    record_meta_features(database, study_record.task, FEATURES)
    record_meta_features(database, study_record.task, {"overlap": 7.0, "log_side": 1.0})
    assert find_meta_features(database, study_record.task) == FEATURES | {"log_side": 1.0}


def test_another_net_shares_them_and_another_split_does_not(database, study, study_record):
    task = study_record.task
    record_meta_features(database, task, FEATURES)
    assert find_meta_features(database, replace(task, net="lenet", epochs=99)) == FEATURES
    assert find_meta_features(database, replace(task, split_fingerprint="00" * 32)) == {}


def test_equal_splits_of_two_data_sets_are_told_apart(database, study_record):
    other = replace(study_record.task.dataset, fingerprint="fedc" * 16)
    tasks = (study_record.task, replace(study_record.task, dataset=other))
    for name, task in zip("ab", tasks, strict=True):
        create_study(database, replace(study_record, name=name, task=task))
    record_meta_features(database, tasks[0], FEATURES)
    assert find_meta_features(database, tasks[1]) == {}
