"""The kinds of studies."""

from typing import Literal

#: A search chooses on validation data; an experiment measures fixed settings on test data.
StudyKind = Literal["search", "experiment"]
