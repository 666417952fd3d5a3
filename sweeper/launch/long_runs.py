"""A study that would train for more than an hour is not started unasked."""

from sweeper.console import duration
from sweeper.errors import UsageError
from sweeper.launch.planning import estimate_launch
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task

#: Seconds that a study may take without anybody saying so.
UNASKED = 3600.0
#: Trials that a search should have at least: fewer epochs are better than fewer trials.
_FEWEST_TRIALS = 10


def require_short(task: Task, device: str, workers: int | None) -> None:
    """Raise a UsageError if a new study would take more than an hour here.

    Args:
        task: of the study, which need not be stored.
        device: as given by the user.
        workers: how many, or None for the usual number.

    Raises:
        UsageError: it would; the message says what fits into an hour.
        SweeperError: see `estimate_launch`.
    """
    trials = task.spec.n_trials + len(task.spec.control_settings())
    seconds = estimate_launch(task, trials, device, workers).seconds
    if seconds > UNASKED:
        raise UsageError(
            f"this would take about {duration(seconds)}: add --yes if that is meant, or "
            f"{fitting_options(task.spec, UNASKED / seconds)} for what fits into an hour, or "
            f"--timeout {UNASKED:.0f} to stop after one"
        )


def fitting_options(spec: StudySpec, share: float) -> str:
    """Return the options with which a study takes a share, below 1, of its time."""
    controls = len(spec.control_settings())  # trained in any case, and counted in the estimate
    everything = spec.n_trials + controls
    trials = int(everything * share) - controls
    if spec.kind == "search" and trials >= _FEWEST_TRIALS:
        return f"--n-trials {trials}"
    options = ""
    if spec.kind == "search" and spec.n_trials > _FEWEST_TRIALS:
        share *= everything / (_FEWEST_TRIALS + controls)
        options = f"--n-trials {_FEWEST_TRIALS} "
    if (epochs := int(spec.epochs * share)) >= 1:
        return f"{options}--epochs {epochs}"
    return f"{options}--epochs 1 with a subset of the data, such as '[per_class=100]',"
