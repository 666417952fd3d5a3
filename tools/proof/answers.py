"""What was answered for a task, asked and stored before anything is trained on it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeper import __version__
from sweeper.errors import SweeperError
from sweeper.files import replace_file
from sweeper.registry.setting import Setting
from sweeper.repository.given_plan import Given
from sweeper.repository.sources import shipped
from sweeper.study.advice import advise
from sweeper.study.recommendation_trial import setting_table
from sweeper.study.resolve import resolve
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from tools.proof.tasks import BATCH_SIZE, OBJECTIVE, SEEDS, ProofTask

#: Settings of the shortlist that are tried.
TRIES = 3
RECOMMENDED = "recommended"

Table = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """An answer as it was given.

    Attributes:
        task: the data set's name.
        repository: digest of the repository that was asked.
        version: of sweeper.
        data: fingerprint of the data set.
        epochs: that were asked for, and are trained.
        shortlist: the settings to try, the recommended one first.
        baselines: settings by the name of the baseline.
        content: all that was said, as ``sweeper recommend --format json`` has it.
    """

    task: str
    repository: str
    version: str
    data: str
    epochs: int
    shortlist: tuple[Setting, ...]
    baselines: dict[str, Setting]
    content: dict[str, Any]

    @property
    def plan(self) -> dict[str, Any]:
        """The plan that was asked about."""
        plan: dict[str, Any] = self.content["plan"]
        return plan

    def named(self) -> dict[str, Setting]:
        """Return what is tried by name: the shortlist, then the baselines."""
        names = (RECOMMENDED, *(f"shortlist, {n}" for n in range(2, len(self.shortlist) + 1)))
        return {**dict(zip(names, self.shortlist, strict=True)), **self.baselines}

    def to_json(self) -> str:
        """Return the text that `read` reads."""
        content = {
            "task": self.task,
            "repository": self.repository,
            "sweeper": self.version,
            "data": self.data,
            "epochs": self.epochs,
            "shortlist": [setting_table(each) for each in self.shortlist],
            "baselines": {name: setting_table(each) for name, each in self.baselines.items()},
            "answer": self.content,
        }
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def ask(task: ProofTask) -> Answer:
    """Ask the shipped repository alone, as ``sweeper recommend --try`` does.

    Raises:
        SweeperError: the data are not here, or a repository cannot be read.
    """
    loaded = Task.load(spec_of(task, epochs=1))
    epochs = task.epochs(loaded.split.images_per_epoch)
    given = Given(task.net, epochs=epochs, batch_size=BATCH_SIZE, embedding=loaded.spec.embedding)
    advice = advise(task.location, None, objective=OBJECTIVE, given=given, to_try=True)
    recommendation = advice.recommendation
    text = recommendation.to_json()
    for path in (loaded.spec.dataset, task.location):  # where it lies is nobody's business
        text = text.replace(path, f"{task.dataset}.npz")
    return Answer(
        task=task.dataset,
        repository=shipped().digest,
        version=__version__,
        data=loaded.dataset.fingerprint(),
        epochs=epochs,
        shortlist=tuple(each.setting for each in recommendation.shortlist[:TRIES]),
        baselines={each.name: each.setting for each in recommendation.baselines},
        content=json.loads(text),
    )


def read(path: Path) -> Answer:
    """Return an answer that was stored.

    Raises:
        SweeperError: there is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SweeperError(f"{path} is missing; first run python -m tools.proof ask") from None
    baselines = {name: _setting(table) for name, table in content["baselines"].items()}
    return Answer(
        task=content["task"],
        repository=content["repository"],
        version=content["sweeper"],
        data=content["data"],
        epochs=content["epochs"],
        shortlist=tuple(_setting(table) for table in content["shortlist"]),
        baselines=baselines,
        content=content["answer"],
    )


def store(answer: Answer, folder: Path) -> None:
    """Write an answer where `path_of` says."""
    replace_file(path_of(answer.task, folder), answer.to_json().encode())


def path_of(dataset: str, folder: Path) -> Path:
    """Return the file of a data set's answer in the folder of the proof."""
    return folder / "answers" / f"{dataset}.json"


def spec_of(task: ProofTask, epochs: int) -> StudySpec:
    """Return the search of a task, as which its experiments train."""
    return resolve(
        task.location,
        objective=OBJECTIVE,
        net=task.net,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        seeds=SEEDS,
    )


def _setting(table: Table) -> Setting:
    return Setting.of(
        table["loss"], {name: value for name, value in table.items() if name != "loss"}
    )
