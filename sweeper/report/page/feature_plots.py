"""The figure of a study's embeddings on its page."""

from sweeper.registry.objectives import DEFAULT_OBJECTIVE
from sweeper.report.figures.features import circle_figure, sphere_figure
from sweeper.report.page.features import Features
from sweeper.report.page.files import Files, ShownFigure
from sweeper.report.page.numbers import value
from sweeper.report.page.reported import Reported


def feature_plots(
    study: Reported, features: Features, files: Files, folder: str
) -> list[ShownFigure]:
    """Return the figure of some embeddings of a study, and add its points to the files."""
    data = files.add_frame(f"{folder}features.csv", features.points)
    titles = {
        setting: f"{setting}: {value(DEFAULT_OBJECTIVE, again)}"
        for setting, (_, again) in features.accuracy.items()
    }
    draw = sphere_figure if "z" in features.points else circle_figure
    measured = f"{study.outcome.summary.study.split} data, seed {features.seed}"
    figure = draw(features.points, titles, study.name, measured)
    return [ShownFigure.of(f"{study.slug}-features", figure, data)]
