"""Stores a study's note, figures and contact sheet where optuna-dashboard reads them."""

from contextlib import suppress

import optuna
from optuna.storages import BaseStorage
from optuna_dashboard import get_note, save_note, save_plotly_graph_object
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects

from sweeper import store
from sweeper.models.frozen import is_frozen
from sweeper.report import confirmed, outlook
from sweeper.report.figures import study_figures
from sweeper.report.figures.sheet import sheet_figure
from sweeper.report.study_results import StudyResults
from sweeper.serve.note import keep_user_text, note
from sweeper.store import Database, StoredStudy
from sweeper.store.database.address import sqlite_file
from sweeper.store.results.frames import curve_table, trial_table
from sweeper.study.open_study import OpenStudy
from sweeper.study.study_file import StudySpec
from sweeper.study.task import load_inputs

#: The contact sheet among a study's figures.
SHEET = "contact-sheet"


def publish(database: Database, study: StoredStudy) -> None:
    """Update a study's note and figures in the dashboard.

    Only changes are written. A study that is no longer in Optuna's tables is skipped.

    Raises:
        SweeperError: the database is unreachable, or a different version of sweeper created the
            study.
    """
    with store.explain_errors(database.name):
        optuna_study = _optuna_study(database.optuna_storage, study)
        if optuna_study is None:
            return
        spec = StudySpec.from_json(study.spec)
        table = trial_table(database, study.id)
        outcome = StudyResults.load(database, study, values_alone=True)
        said = (
            outlook.lines(outcome),
            confirmed.lines(outcome.confirmation, spec.objectives[0]),
        )
        shown = database.name if sqlite_file(database.url) else None
        figures = study_figures(table, curve_table(database, study.id), spec)
        try:
            stored = _stored_figures(database.optuna_storage, study)
            before = get_note(optuna_study)
            text = keep_user_text(
                note(outcome.summary, table, shown, SHEET in stored, *said), before
            )
            if text != before:
                save_note(optuna_study, text)
            for name, figure in figures.items():
                if stored.get(name) != figure.to_json():
                    save_plotly_graph_object(optuna_study, figure, graph_object_id=name)
        except KeyError:
            return  # deleted in the dashboard in the meantime


def publish_sheet(opened: OpenStudy) -> None:
    """Store a contact sheet of a study's images in the dashboard, unless it is there already.

    It is drawn by who trains, from data that are loaded anyway: where the dashboard is served, they
    need not be at hand. Embeddings have none.

    Raises:
        SweeperError: the database is unreachable, or the images of a frozen body can no longer be
            read.
    """
    database, study = opened.database, opened.stored
    with store.explain_errors(database.name):
        optuna_study = _optuna_study(database.optuna_storage, study)
        if optuna_study is None or SHEET in _stored_figures(database.optuna_storage, study):
            return
        dataset = opened.task.dataset
        if is_frozen(opened.spec.net):
            dataset = load_inputs(opened.spec)
        if dataset.is_images:
            figure = sheet_figure(dataset, study.name)
            with suppress(KeyError):  # deleted in the dashboard in the meantime
                save_plotly_graph_object(optuna_study, figure, graph_object_id=SHEET)


def _stored_figures(storage: BaseStorage, study: StoredStudy) -> dict[str, str]:
    """Return the figures in the dashboard by name, as JSON."""
    attributes = storage.get_study_system_attrs(study.optuna_study_id)
    figures: dict[str, str] = get_plotly_graph_objects(attributes)
    return figures


def _optuna_study(storage: BaseStorage, study: StoredStudy) -> optuna.Study | None:
    """Return Optuna's study, None if it was deleted or its id now belongs to another study."""
    try:
        if storage.get_study_id_from_name(study.name) != study.optuna_study_id:
            return None
        return optuna.load_study(study_name=study.name, storage=storage)
    except KeyError:
        return None
