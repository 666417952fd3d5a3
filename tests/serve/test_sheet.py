"""The contact sheet in the dashboard: of the images of the study, drawn once."""

import base64
import io
from dataclasses import replace

import numpy as np
import plotly.io
import pytest
from optuna_dashboard import get_note
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from PIL import Image

from sweeper.data import load
from sweeper.report.contact_sheet import contact_sheet
from sweeper.serve import publish as publishing
from sweeper.serve.publish import publish, publish_sheet
from sweeper.study.open_study import create_or_resume
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task


@pytest.fixture
def opened(sqlite_database):
    """Open a study on a data set."""

    def make(dataset):
        spec = StudySpec.from_content(
            {"name": "seen", "dataset": str(dataset), "space": {"m2": {"low": 0, "high": 1}}},
            "test",
        )
        return create_or_resume(sqlite_database, Task.load(spec))[0]

    return make


def stored(study):
    attributes = study.database.optuna_storage.get_study_system_attrs(study.stored.optuna_study_id)
    return get_plotly_graph_objects(attributes)


def test_it_shows_the_images_of_the_study(opened):
    study = opened("digits[per_class=20]")
    publish_sheet(study)
    figure = plotly.io.from_json(stored(study)["contact-sheet"])
    (image,) = figure.layout.images
    content = base64.b64decode(image.source.removeprefix("data:image/webp;base64,"))
    shown = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), float)
    expected = np.asarray(contact_sheet(load("digits[per_class=20]"), 8), float)
    assert shown.shape == expected.shape == (image.sizey, image.sizex, 3)
    assert np.abs(shown - expected).mean() < 5  # lossy
    assert figure.layout.title.subtitle.text == "200 images of 1×8×8, 10 classes"


def test_large_images_are_stored_in_little_space(opened, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 100, 100, 3), dtype=np.uint8)
    np.savez(tmp_path / "a.npz", images=noise, labels=np.arange(60) % 20)
    study = opened(tmp_path / "a.npz")
    publish_sheet(study)
    figure = stored(study)["contact-sheet"]
    assert 10_000 < len(figure) < 200_000
    (image,) = plotly.io.from_json(figure).layout.images
    assert (image.sizex, image.sizey) == (220 + 10 * (64 + 4), 8 * (64 + 4) + 28)


def test_it_is_drawn_once_and_kept_when_the_data_are_gone(opened, tmp_path, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "a.npz", images=images, labels=np.arange(40) % 2)
    study = opened(tmp_path / "a.npz")
    publish(study.database, study.stored)
    optuna_study = study.optuna_study()
    assert "There is no contact sheet of the images" in get_note(optuna_study)
    publish_sheet(study)
    first = stored(study)["contact-sheet"]
    (tmp_path / "a.npz").unlink()
    monkeypatch.delattr(publishing, "sheet_figure")  # it would be missed if it were called
    publish_sheet(study)
    publish(study.database, study.stored)
    assert "The contact sheet there shows" in get_note(study.optuna_study())
    assert stored(study)["contact-sheet"] == first


def test_embeddings_have_none(opened):
    study = opened("wine")
    publish_sheet(study)
    publish(study.database, study.stored)
    assert "contact-sheet" not in stored(study)
    assert "contact sheet" not in get_note(study.optuna_study())


def test_of_a_frozen_body_the_images_are_shown_and_not_the_features(opened):
    study = opened("digits[per_class=20]")
    spec = study.spec.model_copy(update={"net": "resnet18[weights=DEFAULT, body=frozen]"})
    task = replace(study.task, spec=spec, dataset=load("wine"))  # in place of features
    publish_sheet(replace(study, task=task))
    figure = plotly.io.from_json(stored(study)["contact-sheet"])
    assert figure.layout.title.subtitle.text.startswith("200 images")
