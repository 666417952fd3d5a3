"""Studies made, found again, and refused where something else is meant."""

import json
import threading
import warnings

import numpy as np
import optuna
import pytest
import torch
from sqlalchemy import text

from sweeper import __version__, store
from sweeper.errors import SweeperError, UsageError
from sweeper.registry.setting import Setting
from sweeper.report.study_results import StudyResults
from sweeper.store import find_meta_features, open_database
from sweeper.study.distributions import distributions
from sweeper.study.open_study import SETTING, KnownStudy, create_or_resume, find
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task


def url(database) -> str:
    return database.url.render_as_string(hide_password=False)


def test_a_study_is_new_once(database, quick):
    task = Task.load(quick())
    opened, new = create_or_resume(database, task)
    assert new
    again, new = create_or_resume(database, task)
    assert not new
    assert again.stored == opened.stored
    assert find(database, "s").stored == opened.stored
    assert len(store.list_studies(database)) == 1


def test_only_the_number_of_trials_may_change(database, quick):
    create_or_resume(database, Task.load(quick(n_trials=5)))
    opened, _ = create_or_resume(database, Task.load(quick(n_trials=9)))
    assert opened.stored.n_trials == find(database, "s").stored.n_trials == 9
    fewer, _ = create_or_resume(database, Task.load(quick(n_trials=2)))
    assert fewer.stored.n_trials == find(database, "s").stored.n_trials == 9
    assert find(database, "s").spec.n_trials == 9
    other = quick(epochs=3, space={"scale": {"low": 2, "high": 4}})
    with pytest.raises(
        UsageError, match=r"other values of epochs \(\d+, not 3\), space.m2, space.m3, space.sc"
    ):
        create_or_resume(database, Task.load(other))
    assert find(database, "s").stored.n_trials == 9


def test_data_that_changed_are_refused(database, quick, tmp_path):
    file = tmp_path / "own.npz"
    labels = np.repeat(np.arange(3), 20)
    points = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    np.savez(file, embeddings=points, labels=labels)
    spec = quick(dataset=str(file))
    create_or_resume(database, Task.load(spec))
    np.savez(file, embeddings=points + np.float32(1e-3), labels=labels)
    with pytest.raises(SweeperError, match=r"the data of study 's' .*own.npz.* changed") as caught:
        create_or_resume(database, Task.load(spec))
    assert caught.value.status == 1
    with pytest.raises(SweeperError, match="changed since it began"):
        find(database, "s")


def test_a_split_that_changed_is_refused(database, quick):
    create_or_resume(database, Task.load(quick()))
    with database.session() as session:  # what a version that splits otherwise would have stored
        session.execute(text("UPDATE sweeper_tasks SET split_fingerprint = 'another'"))
    words = "the split of study 's' changed since it began: .*; go back to that one, or start"
    with pytest.raises(SweeperError, match=words):
        create_or_resume(database, Task.load(quick()))
    with pytest.raises(SweeperError, match=words):
        find(database, "s")


def test_a_study_with_the_same_held_out_classes_for_all_seeds_is_not_gone_on_with(database, quick):
    """As versions before the folds stored them: another fingerprint, and no folds in the spec."""
    spec = quick(objectives=["retrieval"], net="linear")
    opened, _ = create_or_resume(database, Task.load(spec))
    content = json.loads(opened.stored.spec)
    content["loaded"] = {"trained_classes": [0, 1, 2]}
    with database.session() as session:
        session.execute(text("UPDATE sweeper_tasks SET split_fingerprint = '12ab'"))
        session.execute(
            text("UPDATE sweeper_studies SET spec = :spec"), {"spec": json.dumps(content)}
        )
    for again in (lambda: create_or_resume(database, Task.load(spec)), lambda: find(database, "s")):
        with pytest.raises(
            SweeperError, match=r"'s' holds out the same .* --study-name$"
        ) as caught:
            again()
        assert "\n" not in str(caught.value)
    other, new = create_or_resume(database, Task.load(spec.model_copy(update={"name": "other"})))
    assert new
    assert other.stored.task.split_fingerprint.endswith("-folds")


def test_the_dashboard_knows_the_names_of_the_objectives(database, quick):
    objectives = ("accuracy", "compactness")
    spec = quick(objectives=list(objectives), net="linear")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened, _ = create_or_resume(database, Task.load(spec))
    assert opened.optuna_study().metric_names == list(objectives)


def test_the_same_data_by_another_path_are_the_same_study(database, quick, embeddings, monkeypatch):
    create_or_resume(database, Task.load(quick()))
    monkeypatch.chdir(embeddings.parent)
    opened, new = create_or_resume(database, Task.load(quick(dataset=f"./{embeddings.name}")))
    assert not new
    assert opened.spec.dataset == str(embeddings)


def test_a_foreign_study_of_the_same_name_is_left_alone(database, quick):
    foreign = optuna.create_study(study_name="s", storage=database.optuna_storage)
    foreign.ask()
    with pytest.raises(UsageError, match="another Optuna study called 's'"):
        create_or_resume(database, Task.load(quick()))
    assert store.list_studies(database) == []


def test_a_study_that_only_optuna_has_is_completed(database, quick):
    """As it is where the first run dies between Optuna's tables and ours."""
    spec = quick()
    optuna.create_study(study_name="s", storage=database.optuna_storage, directions=spec.directions)
    _, new = create_or_resume(database, Task.load(spec))
    assert new
    assert find(database, "s").spec.space == spec.space


def test_a_study_deleted_in_the_dashboard(database, quick):
    opened, _ = create_or_resume(database, Task.load(quick()))
    optuna.delete_study(study_name="s", storage=database.optuna_storage)
    with pytest.raises(SweeperError, match="deleted from Optuna's tables"):
        opened.optuna_study()


def test_an_unknown_study_has_near_names(database, quick):
    create_or_resume(database, Task.load(quick(name="clouds-arcface")))
    with pytest.raises(UsageError, match="did you mean clouds-arcface"):
        find(database, "cloud-arcface")


def test_two_that_begin_at_once_begin_one_study(database, quick):
    settings = [{"loss": "arcface", "m2": [0.1, 0.2, 0.3, 0.4], "scale": [4, 8]}]
    task = Task.load(quick(kind="experiment", settings=settings))
    barrier = threading.Barrier(4)
    news, errors = [], []

    def begin():
        try:
            with open_database(url(database)) as own:
                own.optuna_storage  # noqa: B018 - opened, so that all are equally far
                barrier.wait()
                news.append(create_or_resume(own, task)[1])
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(news) == [False, False, False, True]
    trials = find(database, "s").optuna_study().trials
    assert sorted(trial.user_attrs[SETTING] for trial in trials) == list(range(8))


def test_a_worker_completes_the_queue_of_a_run_that_died(database, quick):
    settings = [{"loss": "arcface", "m2": [0.1, 0.2, 0.3]}]
    opened, _ = create_or_resume(database, Task.load(quick(kind="experiment", settings=settings)))
    study = opened.optuna_study()
    study.tell(study.ask().number, state=optuna.trial.TrialState.FAIL)
    optuna.delete_study(study_name="s", storage=database.optuna_storage)
    revived = optuna.create_study(
        study_name="s", storage=database.optuna_storage, direction="maximize"
    )
    assert revived.trials == []
    found = find(database, "s").optuna_study()
    assert [trial.user_attrs[SETTING] for trial in found.trials] == [0, 1, 2]


def test_a_new_search_begins_with_given_settings_each_once_within_space_and_budget(quick, database):
    first = [
        Setting("combined", m2=0.3, scale=8.0),
        Setting("combined", m2=0.3, m1=1.4, scale=8.0),  # m1 is not searched: the same point
        Setting("combined", m2=5.0, m3=-1.0, scale=1000.0),
        Setting("combined", m2=0.1, scale=4.0),
    ]
    task = Task.load(quick(n_trials=2))
    opened, new = create_or_resume(database, task, first)
    assert new
    queued = [trial.system_attrs["fixed_params"] for trial in opened.optuna_study().trials]
    assert queued == [
        {"m2": 0.3, "m3": 0.0, "scale": 8.0},
        {"m2": 0.8, "m3": -0.2, "scale": 128.0},
    ]
    create_or_resume(database, task, first)
    assert len(opened.optuna_study().trials) == 2


TERMS = {
    "settings": [
        {"loss": "softmax"},
        {"loss": "softmax", "beside": ["git"]},
        {"loss": "arcface", "beside": ["center"], "center": {"lambda": [0.1, 0.2]}},
        {"loss": "triplet", "margin": 0.5},
    ]
}


def test_a_trial_of_an_experiment_has_the_setting_of_its_place(database, quick):
    opened, _ = create_or_resume(
        database, Task.load(quick(kind="experiment", net="linear", **TERMS))
    )
    trials = opened.optuna_study().trials
    assert [opened.setting(trial) for trial in trials] == opened.spec.settings_list()
    assert [trial.system_attrs["fixed_params"].get("beside") for trial in trials] == [
        *(None, "git", "center", "center", None)
    ]


def test_a_trial_of_a_search_has_its_parameters_what_is_fixed_and_the_terms(database, quick):
    spec = quick(
        beside=["center", "sigma2r"],
        space={"m2": {"low": 0.1, "high": 0.5}, "center": {"lambda": {"low": 0.1, "high": 1}}},
        fixed={"sigma2r": {"z": 30}, "subcenters": 2},
    )
    opened, _ = create_or_resume(database, Task.load(spec))
    trial = opened.optuna_study().ask(distributions(spec))
    setting = opened.setting(trial)
    assert setting == Setting.of(
        "combined",
        {**trial.params, "sigma2r.z": 30, "subcenters": 2},
        ["center", "sigma2r"],
    )
    assert find(database, "s").setting(opened.optuna_study().trials[0]) == setting


def test_terms_and_protocol_may_not_change(database, quick):
    create_or_resume(database, Task.load(quick(beside=["center"])))
    other = quick(beside=["git"], decay="epoch")
    with pytest.raises(
        UsageError, match=r"other values of beside, decay \(step, not epoch\); put them back"
    ):
        create_or_resume(database, Task.load(other))


def test_studies_that_train_otherwise_are_of_other_tasks(database, quick):
    usual, _ = create_or_resume(database, Task.load(quick(name="usual")))
    other, _ = create_or_resume(database, Task.load(quick(name="other", decay="epoch")))
    assert usual.stored.task.protocol == "{}"
    assert other.stored.task.protocol == '{"decay": "epoch"}'
    assert find(database, "other").spec.protocol.decay == "epoch"


def test_a_study_with_images_of_each_class_goes_on(database, study, embeddings):
    spec = study(dataset=str(embeddings), per_class=2)
    opened, _ = create_or_resume(database, Task.load(spec))
    again, new = create_or_resume(database, Task.load(spec))
    assert not new
    assert again.stored == opened.stored
    assert find(database, "s").spec.protocol.per_class == 2


def test_what_is_trained_on_is_measured_once(quick, database):
    task = Task.load(quick())
    create_or_resume(database, task)
    assert find_meta_features(database, task.record) == task.features


def test_unlike_machines_train_a_study_in_one_precision(database, quick, monkeypatch):
    from sweeper.study import open_study

    monkeypatch.setattr(open_study, "has_bfloat16", lambda device: True)
    opened, _ = create_or_resume(database, Task.load(quick()))
    assert opened.spec.precision == "bfloat16"
    monkeypatch.setattr(open_study, "has_bfloat16", lambda device: False)
    again, new = create_or_resume(database, Task.load(quick()))
    assert (again.spec.precision, new) == ("bfloat16", False)
    assert find(database, "s").task.training_data(torch.device("cpu")).autocast
    with pytest.raises(UsageError, match="other values of precision"):
        create_or_resume(database, Task.load(quick(precision="float32")))


def test_a_stored_study_without_a_precision_was_trained_in_float32():
    content = json.loads(StudySpec.from_content(SEARCH, "test").to_json())
    del content["precision"]
    assert StudySpec.from_json(json.dumps(content)).precision == "float32"


SEARCH = {"name": "s", "dataset": "digits", "space": {"m2": {"low": 0.0, "high": 0.5}}}


@pytest.mark.parametrize("version", ["0.0.9", "99.0"])
def test_a_study_of_another_version_can_be_read_and_not_trained(version, database, quick):
    create_or_resume(database, Task.load(quick()))
    with database.session() as session:
        session.execute(text(f"UPDATE sweeper_studies SET code_version = '{version}'"))
    for go_on in (
        lambda: find(database, "s"),
        lambda: create_or_resume(database, Task.load(quick(n_trials=9))),
    ):
        with pytest.raises(SweeperError) as caught:
            go_on()
        line = str(caught.value)
        assert f"study 's' was begun by sweeper {version}, and this is {__version__}" in line
        assert "install that version" in line
        assert "--study-name" in line
        assert "\n" not in line
    assert store.find_study(database, "s").n_trials == 5
    assert KnownStudy(database, store.find_study(database, "s")).spec.space == quick().space
    assert StudyResults.load(database, store.find_study(database, "s")).trials == []


def test_a_start_does_not_repeat_a_control(database, quick):
    default = Setting("combined", m2=0.5, scale=64.0)  # ArcFace's, which is trained beside a search
    other = Setting("combined", m2=0.2, scale=16.0)
    task = Task.load(quick(loss="combined", controls=["softmax", "arcface"]))
    opened, _ = create_or_resume(database, task, [default, other])
    queued = [t.system_attrs["fixed_params"] for t in opened.optuna_study().get_trials()]
    assert [(point["m2"], point["scale"]) for point in queued] == [(0.2, 16.0)]
