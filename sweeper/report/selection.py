"""What was selected on the very figures that are shown."""

from sweeper.console import count
from sweeper.study.study_file import StudySpec


def controls_are(spec: StudySpec) -> str:
    """Return how a study's controls were selected, after 'the controls are'."""
    rates = len(spec.control_settings()) // max(1, len(spec.controls))
    return f"the best of {count(rates, 'learning rate')} each" if rates > 1 else "not selected"
