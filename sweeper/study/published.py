"""The figures from print that a study names, to stand beside ours."""

from pathlib import Path

import pandas as pd

from sweeper import resources
from sweeper.errors import UsageError
from sweeper.study.study_file import StudySpec


def published_table(spec: StudySpec) -> pd.DataFrame | None:
    """Return the table of published figures, or None where the study names none.

    A name is looked for among the tables that come with the program, then as a path.

    Raises:
        UsageError: when there is no such table, or it cannot be read.
    """
    if spec.published is None:
        return None
    name = spec.published.table
    built_in = resources.data_folder("studies") / "published" / Path(name).name
    path = built_in if built_in.name == name and built_in.is_file() else Path(name)
    if not path.is_file():
        raise UsageError(f"study {spec.name}: there is no table {name!r}; give the path of a CSV")
    try:
        return pd.read_csv(path)
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).splitlines())
        raise UsageError(f"study {spec.name}: {path} is no readable CSV: {reason}") from None
