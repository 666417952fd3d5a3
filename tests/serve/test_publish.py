"""What optuna-dashboard reads after publishing, through its own functions."""

import json

import plotly.io
from optuna_dashboard import get_note, save_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from sqlalchemy import func, select, text

from sweeper.registry.setting import Setting
from sweeper.serve.note import END
from sweeper.serve.publish import publish
from sweeper.store import Outlook, record_outlook


def figures(study):
    storage = study.database.optuna_storage
    attributes = storage.get_study_system_attrs(study.stored.optuna_study_id)
    return get_plotly_graph_objects(attributes)


def test_the_note_and_the_figures_are_there(study_anywhere):
    study = study_anywhere
    publish(study.database, study.stored)
    assert "| **best**, trial 1: m2 0.3, scale 16 | 94.0 ± 1.4 % |" in get_note(study.optuna_study)
    assert figures(study).keys() == {"response-accuracy", "curves"}
    figure = plotly.io.from_json(figures(study)["response-accuracy"])
    assert any(trace.name == "plain softmax: 91.0 ± 1.4 %" for trace in figure.data)


def test_figures_show_balanced_accuracy_beside_accuracy(begin):
    study = begin()
    study.add_control("softmax", accuracy=(0.4, 0.5))
    balanced = {"balanced accuracy": (0.5, 0.52)}
    study.add(Setting("arcface", m2=0.1, scale=8.0), accuracy=(0.9, 0.91), **balanced)
    publish(study.database, study.stored)
    figure = plotly.io.from_json(figures(study)["response-accuracy"])
    names = {trace.name for trace in figure.data}
    assert "best, trial 0: m2 0.1, scale 8: 90.5 ± 0.7 %, balanced 51.0 ± 1.4 %" in names
    assert "plain softmax: 45.0 ± 7.1 %" in names
    hovers = [trace.text for trace in figure.data if trace.name == "trials"]
    assert set(hovers) == {("<br>balanced 51.0 ± 1.4 %",)}


def test_what_more_trials_would_gain_is_kept_up_to_date(study):
    record_outlook(study.database, study.stored, Outlook(3, 0.012, 0.004))
    publish(study.database, study.stored)
    gain = (
        "After 3 trials, more would gain about 1.2 points; the standard error of a confirmation is "
        "0.4 points."
    )
    assert gain in get_note(study.optuna_study).splitlines()
    record_outlook(study.database, study.stored, Outlook(12, 0.001, 0.004))
    publish(study.database, study.stored)
    assert gain not in get_note(study.optuna_study)
    assert "\nSettled after 12 trials, " in get_note(study.optuna_study)


def test_a_second_time_writes_nothing(study_anywhere):
    study = study_anywhere
    publish(study.database, study.stored)
    before = study.database.optuna_storage.get_study_system_attrs(study.stored.optuna_study_id)
    publish(study.database, study.stored)
    after = study.database.optuna_storage.get_study_system_attrs(study.stored.optuna_study_id)
    assert after == before


def test_another_trial_replaces_what_was_there(study):
    publish(study.database, study.stored)
    study.add(Setting("arcface", m2=0.2, scale=12.0), accuracy=(0.97, 0.99))
    publish(study.database, study.stored)
    assert "| **best**, trial 3: m2 0.2, scale 12 | 98.0" in get_note(study.optuna_study)
    assert figures(study).keys() == {"response-accuracy", "curves"}
    assert all("trial 3: m2 0.2" in figure for figure in figures(study).values())
    assert all(json.loads(figure) for figure in figures(study).values())


def test_what_people_wrote_stays(study):
    save_note(study.optuna_study, "Look at trial 7!")
    publish(study.database, study.stored)
    publish(study.database, study.stored)
    assert get_note(study.optuna_study).endswith(f"{END}\n\nLook at trial 7!")
    assert get_note(study.optuna_study).count("trial 7") == 1


def test_a_study_without_trials_is_published(begin):
    study = begin()
    publish(study.database, study.stored)
    assert "No trial is complete yet." in get_note(study.optuna_study)
    assert all("no trial is complete yet" in figure for figure in figures(study).values())


def test_a_study_gone_from_optunas_tables_is_passed_over(study_anywhere):
    study = study_anywhere
    study.database.optuna_storage.delete_study(study.stored.optuna_study_id)
    publish(study.database, study.stored)
    assert attributes_in(study.database) == 0


def test_a_study_that_took_the_number_or_the_name_is_left_alone(study):
    storage = study.database.optuna_storage
    direction = study.optuna_study.directions
    storage.delete_study(study.stored.optuna_study_id)
    assert storage.create_new_study(direction, "other") == study.stored.optuna_study_id
    publish(study.database, study.stored)
    storage.create_new_study(direction, study.stored.name)
    publish(study.database, study.stored)
    assert attributes_in(study.database) == 0


def attributes_in(database):
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(text("study_system_attributes")))
