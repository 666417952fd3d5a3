"""What a page says of one study."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.report import confirmed
from sweeper.report.figures import study_figures
from sweeper.report.page.classes import confusions, curves_of_classes
from sweeper.report.page.comparison import losses_table
from sweeper.report.page.confirmed_table import confirmed_table
from sweeper.report.page.feature_plots import feature_plots
from sweeper.report.page.features import departures
from sweeper.report.page.files import Files, ShownFigure, ShownTable
from sweeper.report.page.pairs_table import pairs_table
from sweeper.report.page.provenance import how_trained
from sweeper.report.page.published_figure import published_figure
from sweeper.report.page.published_tables import published_figures, published_page_table
from sweeper.report.page.reported import Reported, by_seed
from sweeper.report.page.settings_table import seeds_frame, settings_table
from sweeper.study.as_toml import as_toml

#: More settings have too many pairs for a table to be of use.
_MOST_COMPARED = 60


@dataclass(frozen=True)
class StudySection:
    """One study on the page.

    Attributes:
        name: of the study.
        slug: of its folder, and its id in the page.
        about: what is trained on what.
        progress: how far it is.
        is_done: whether nothing is left to train.
        failures: why trials failed, a line for each cause.
        findings: what else there is to say, a sentence each.
        figures: drawn by plotly.
        tables: below them.
        study_file: its content.
        made: how it was trained.
        downloads: further files.
    """

    name: str
    slug: str
    about: str
    progress: str
    is_done: bool
    failures: Sequence[str]
    findings: Sequence[str]
    figures: Sequence[ShownFigure]
    tables: Sequence[ShownTable]
    study_file: str
    made: Sequence[tuple[str, str]]
    downloads: Sequence[str]


def study_section(study: Reported, files: Files) -> StudySection:
    """Return what there is of a study, and add its files."""
    folder = f"{study.slug}/"
    spec, summary = study.spec, study.outcome.summary
    task = summary.study.task
    study_file = as_toml(spec)
    files.contents[f"{folder}study.toml"] = study_file.encode()
    curves = files.add_frame(f"{folder}curves.csv", study.curves)
    seeds = files.add_frame(f"{folder}seeds.csv", seeds_frame(study))
    findings = list(confirmed.lines(study.outcome.confirmation, study.objective))
    trials = files.add_table(folder, settings_table(study))
    figures: list[ShownFigure] = []
    tables = [trials]
    if (confirmation := confirmed_table(study)) is not None:
        tables.append(files.add_table(folder, confirmation))
    if study.rows:
        drawn = study_figures(study.table, study.curves, spec)
        figures = [
            ShownFigure.of(f"{study.slug}-{key}", figure, curves if key == "curves" else trials.csv)
            for key, figure in drawn.items()
        ]
        shown, beside, more = _published(study, files, folder)
        figures, findings = figures + shown, findings + more
        tables += beside
        figures += curves_of_classes(study, files, folder)
        if study.features:
            figures += feature_plots(study, study.features, files, folder)
            findings.append(departures(study.features))
        matrices, errors = confusions(study, files, folder)
        figures, tables = figures + matrices, tables + errors
        compared, more = _comparisons(study, files, folder)
        tables, findings = tables + compared, findings + more
    return StudySection(
        name=study.name,
        slug=study.slug,
        about=f"{spec.kind.capitalize()} by {', '.join(spec.objectives)} on {task.dataset.name}: "
        f"net {task.net}, embedding of {task.embedding}, {task.epochs} epochs, "
        f"{spec.seeds} seeds of each.",
        progress=study.progress,
        is_done=summary.counted >= summary.study.n_trials and not summary.live,
        failures=study.failures,
        findings=findings,
        figures=figures,
        tables=tables,
        study_file=study_file,
        made=how_trained(study),
        downloads=[f"{folder}study.toml", trials.csv, seeds, curves],
    )


def _published(
    study: Reported, files: Files, folder: str
) -> tuple[list[ShownFigure], list[ShownTable], list[str]]:
    entries, why = published_figures(study)
    if not entries:
        return [], [], [f"No published figures beside ours: {why}."] if why else []
    table = files.add_table(folder, published_page_table(entries))
    figures = []
    for measure in dict.fromkeys(entry.measure for entry in entries):
        means = [e for e in entries if e.measure == measure and e.ours and not e.is_best]
        if means:
            figure = published_figure(study.name, means)
            key = f"{study.slug}-published-{measure.replace(' ', '-')}"
            figures.append(ShownFigure.of(key, figure, table.csv))
    return figures, [table], []


def _comparisons(study: Reported, files: Files, folder: str) -> tuple[list[ShownTable], list[str]]:
    tables = []
    losses, findings = losses_table([study])
    if losses is not None:
        tables.append(files.add_table(folder, losses))
    if study.spec.kind != "search" and 2 < len(study.rows) <= _MOST_COMPARED:
        values = {
            f"{row.label}, {row.record.setting.describe()}": by_seed(row, study.objective)
            for row in study.rows
        }
        title = "All pairs of settings, seed by seed"
        tables.append(files.add_table(folder, pairs_table("pairs", title, study.objective, values)))
    return tables, findings
