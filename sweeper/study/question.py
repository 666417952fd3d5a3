"""What the repository is asked about a study, or about a data set with its net and budget."""

from collections.abc import Mapping
from dataclasses import dataclass

from sweeper import models
from sweeper.data import Dataset
from sweeper.models.without_layers import require_effect
from sweeper.registry.losses import repository_losses
from sweeper.registry.setting import Setting
from sweeper.registry.terms import repository_terms
from sweeper.repository.gains import TooLittleError
from sweeper.repository.given_plan import Given
from sweeper.repository.plan import Plan
from sweeper.repository.recommendation.asking import ask
from sweeper.repository.recommendation.query import Query
from sweeper.repository.recommendation.recommend import recommend
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.repository.sources import known_and_own, shipped_measures, stored_choice
from sweeper.store import Database
from sweeper.study.study_file import StudySpec
from sweeper.study.task import Task
from sweeper.training.net_failures import net_failures


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        spec: the study, with settled net and budget.
        features: meta-features of what is trained on.
        plan: how it is trained on.
        loaded: the data set.
    """

    spec: StudySpec
    features: Mapping[str, float]
    plan: Plan
    loaded: Dataset

    @classmethod
    def of(
        cls,
        spec: StudySpec,
        given: Given,
        features: Mapping[str, float],
        loaded: Dataset,
        num_train: int,
        num_classes: int,
    ) -> "Question":
        """Return the question about so many images and classes of a data set.

        Raises:
            UsageError: no setting changes the objective, since the net has nothing to train.
            SweeperError: the user's own net fails.
        """
        with net_failures(spec.net):
            net = models.build(spec.net, loaded.input_shape, spec.embedding)
            embedding = models.embedding_size(net, loaded.input_shape)
        if not any(True for _ in net.parameters()):
            require_effect(spec.net, spec.objectives)
        plan = given.plan(
            net=spec.net,
            epochs=spec.epochs,
            batch_size=spec.batch_size,
            embedding=embedding,
            is_images=loaded.is_images,
            num_train=num_train,
            num_classes=num_classes,
        )
        return cls(spec, features, plan, loaded)

    @classmethod
    def of_task(cls, task: Task, given: Given) -> "Question":
        """Return the question about what a study trains on."""
        size = (task.split.images_per_epoch, len(task.split.trained_classes))
        return cls.of(task.spec, given, task.features, task.dataset, *size)

    @classmethod
    def of_search(cls, task: Task) -> "Question":
        """Return the question about a search: as it trains, at the rate that it has fixed, if any.

        What is best at another rate is no start for a search at its own.
        """
        spec = task.spec
        lr = None if "lr" in spec.space else spec.fixed.get("lr", Setting().lr)
        given = Given(spec.net, None, spec.epochs, spec.batch_size, lr, spec.embedding)
        return cls.of_task(task, given)

    def recommendation(
        self, database: Database | None, dataset: str, loss: str | None = None
    ) -> Recommendation:
        """Return what the repository recommends, also of those terms of the study that it knows.

        Args:
            database: what it holds counts beside what comes with the program.
            dataset: name of the data set, for the command that sweeps it.
            loss: that is asked about, the study's unless given.

        Raises:
            SweeperError: a repository cannot be read.
        """
        objective = self.spec.objectives[0]
        known, own = known_and_own(database, self.loaded.name, self.loaded.source)
        return recommend(
            known,
            self.features,
            self.plan,
            objective,
            loss or self.spec.loss,
            choice=stored_choice(objective, database, known.digest),
            dataset=dataset,
            own=own,
            beside=tuple(term for term in self.spec.beside if term in repository_terms()),
            measures=shipped_measures() if self.spec.beside else None,
        )

    def query(self, database: Database) -> Query | None:
        """Return what the repository predicts, the study itself left out; None of an unknown loss.

        Raises:
            SweeperError: a repository cannot be read.
        """
        spec, objective = self.spec, self.spec.objectives[0]
        if spec.loss not in repository_losses() or spec.beside:
            return None
        known, own = known_and_own(
            database, self.loaded.name, self.loaded.source, without=spec.name
        )
        choice = stored_choice(objective, database, known.digest)
        try:
            return ask(
                known, self.features, self.plan, objective, spec.loss, choice=choice, own=own
            )
        except TooLittleError:
            return None
