"""What the repository says about a data set that a user names."""

from dataclasses import dataclass, replace

from sweeper import data
from sweeper.data import Dataset, Split
from sweeper.data.class_folds import FEWEST_CLASSES
from sweeper.errors import SweeperError, UsageError
from sweeper.registry.losses import ANY_LOSS, repository_losses
from sweeper.registry.objectives import needs_held_out
from sweeper.registry.samplers import SAMPLERS
from sweeper.registry.setting import Setting
from sweeper.repository import stand_in
from sweeper.repository.given_plan import Given, require_own_start
from sweeper.repository.meta_features.measure import meta_features
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.beside import asked_terms, with_lambda
from sweeper.repository.recommendation.recommend import require_known_loss
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.store import Database
from sweeper.study.open_study import is_stored
from sweeper.study.question import Question
from sweeper.study.resolve import has_file, resolve
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task, load_data, require_net, sized_spec, split_of

#: A plan of which nothing is given.
NOTHING = Given()


@dataclass(frozen=True)
class Looked:
    """A question about a data set that was looked at.

    Attributes:
        question: with what was measured of the data.
        notes: what an answer should say of it beside its own notes.
        found: what reading changed in the data and what was found in them.
    """

    question: Question
    notes: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True)
class Advice:
    """A recommendation, and the study that would find out.

    Attributes:
        recommendation: of margins and scale.
        spec: the search of the same words, with the training budget that was recommended for.
    """

    recommendation: Recommendation
    spec: StudySpec


def advise(
    dataset: str,
    database: Database | None,
    *,
    objective: str | None = None,
    loss: str | None = None,
    beside: str | None = None,
    given: Given = NOTHING,
    to_try: bool = False,
) -> Advice:
    """Recommend for a data set by its name or path.

    All of its images and classes count, given validation and test parts left out: that is what one
    trains on in the end. Epochs and batches are those of a search, whose split leaves fewer images.

    Args:
        dataset: as `sweeper.data.load` takes it.
        database: what it holds counts beside what comes with the program.
        objective: accuracy unless given.
        loss: whose margins to set, combined unless given; any for the best of all losses.
        beside: a term whose λ to recommend, or several between commas.
        given: of the plan; unless the net is given it is what suits the data, see `default_net`.
        to_try: whether it will be tried on the data set's test images: then those that an
            experiment trains on alone count, and its training budget.

    Raises:
        UsageError: an unknown name, several objectives, or a study in place of a data set.
        SweeperError: the data are not there or broken; a repository cannot be read.
    """
    if to_try:
        looked = _look_as_tried(dataset, objective, loss, beside, given)
    else:
        looked = look(dataset, objective=objective, loss=loss, beside=beside, given=given)
    answer = looked.question.recommendation(database, dataset, loss)
    notes = (*answer.notes, *looked.notes, *looked.found)
    return Advice(replace(answer, notes=notes), looked.question.spec)


def look(
    dataset: str,
    *,
    objective: str | None = None,
    loss: str | None = None,
    beside: str | None = None,
    given: Given = NOTHING,
) -> Looked:
    """Look at a data set, and return what is to be asked about it: all that takes no database.

    Raises:
        UsageError, SweeperError: as `advise`.
    """
    spec, loaded = load_data(asked_search(dataset, objective, loss, beside, given))
    inputs, labels = data.training_part(loaded)
    searched = _searched(spec, loaded)
    spec = sized_spec(spec, len(inputs) if searched is None else searched.images_per_epoch)
    features, number = meta_features(inputs, labels), len(labels.unique())
    question = Question.of(spec, given, features, loaded, len(inputs), number)
    notes = (*_of_search(question.plan, searched), *_not_searchable(spec, loaded))
    if not loaded.is_images and (said := stand_in.note(spec.objectives[0])):
        notes = (*notes, said)
    return Looked(question, notes, loaded.notes)


def _look_as_tried(
    dataset: str, objective: str | None, loss: str | None, beside: str | None, given: Given
) -> Looked:
    """Look at those images alone that an experiment trains on, with its training budget."""
    task = Task.load(asked_search(dataset, objective, loss, beside, given)).sized()
    require_own_start(given, task.spec.net, task.dataset.is_images)
    question = Question.of_task(task, given)
    return Looked(question, _other_question(question.plan, task.dataset), task.dataset.notes)


def asked_search(
    dataset: str, objective: str | None, loss: str | None, beside: str | None, given: Given
) -> StudySpec:
    """Return the search of the same words, before any data are read.

    Raises:
        UsageError: an unknown name, several objectives, or a study in place of a data set.
    """
    if has_file(dataset):
        raise UsageError(
            f"{dataset} is a study; recommend takes a data set, see `sweeper data list`"
        )
    if loss is not None:
        require_known_loss(loss)
    spec = resolve(
        dataset,
        objective=objective,
        loss=None if loss == ANY_LOSS else loss,
        beside=",".join(asked_terms(beside)) or None,
        net=given.net,
        epochs=given.epochs,
        batch_size=given.batch_size,
        embedding=given.embedding,
    )
    if len(spec.objectives) > 1:
        raise UsageError("--objective: one at a time is recommended for; name one")
    require_net(spec)
    return spec


def first_settings(task: Task, database: Database) -> list[Setting]:
    """Return what a search should begin with, by what is known of other data sets.

    Nothing where the study is there already, where the repository knows nothing of its loss, or
    where its sampler works through a grid: points beside it would be trials too many.

    Raises:
        SweeperError: a repository cannot be read.
    """
    spec = task.spec
    asked = spec.loss in repository_losses() and not SAMPLERS[spec.sampler].grid
    if not asked or is_stored(database, spec.name):
        return []
    answer = Question.of_search(task).recommendation(database, spec.dataset)
    starts = (_with_terms(start, answer) for start in answer.warm_starts)
    return list(dict.fromkeys(start for start in starts if start.loss == spec.loss))


def _with_terms(setting: Setting, answer: Recommendation) -> Setting:
    """Return a start with the best λ of terms that were not worth it: they are searched, too."""
    for advice in answer.terms:
        if advice.term not in setting.terms and advice.best is not None:
            setting = with_lambda(setting, advice.term, advice.best)
    return setting


def _not_searchable(spec: StudySpec, dataset: Dataset) -> tuple[str, ...]:
    """Return a note if no search could find out, since there are too few classes to hold out."""
    if not needs_held_out(spec.objectives) or dataset.num_classes >= FEWEST_CLASSES:
        return ()
    return (
        f"{spec.objectives[0]} can be searched and confirmed from {FEWEST_CLASSES} classes on, "
        f"and these are {dataset.num_classes}",
    )


def _searched(spec: StudySpec, dataset: Dataset) -> Split | None:
    """Return the split that a search trains on; None if the data cannot be split."""
    try:
        return split_of(spec, dataset)
    except SweeperError:
        return None


def _of_search(plan: Plan, searched: Split | None) -> tuple[str, ...]:
    """Return a note if a search trains on fewer images than were asked about."""
    if searched is None:
        return ()
    images, classes = searched.images_per_epoch, len(searched.trained_classes)
    if (images, classes) == (plan.num_train, plan.num_classes):
        return ()
    return (
        f"asked for the {plan.num_train:,} images of {plan.num_classes:,} classes that you train "
        f"on in the end; `sweeper run` leaves some out to choose by: it trains on {images:,} of "
        f"{classes:,} classes, so that as many epochs are {plan.epochs * images:,} samples",
    )


def _other_question(plan: Plan, dataset: Dataset) -> tuple[str, ...]:
    """Return a note if what is tried is asked about fewer images than the data set has."""
    parts = dataset.parts
    number = len(dataset) if parts is None else int((parts == data.TRAIN).sum())
    if (number, dataset.num_classes) == (plan.num_train, plan.num_classes):
        return ()
    return (
        f"asked for the {plan.num_train:,} images of {plan.num_classes:,} classes that --try "
        f"trains on, its test part left out; without --try it is asked for all {number:,} of "
        f"{dataset.num_classes:,}, and another setting may be named",
    )
