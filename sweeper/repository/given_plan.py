"""The plan that somebody asks about: what they give, and what a search would do for the rest."""

from dataclasses import dataclass, fields

from sweeper.errors import UsageError
from sweeper.registry.setting import Setting
from sweeper.repository.plan import Plan
from sweeper.repository.task_plans import start_of

#: The net on frozen features where none is named and the features are not there yet.
_ON_FEATURES = "linear"


@dataclass(frozen=True)
class Given:
    """What somebody gives of a plan; None for what they leave to sweeper."""

    net: str | None = None
    start: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    lr: float | None = None
    embedding: int | None = None

    def plan(
        self,
        *,
        net: str,
        epochs: int,
        batch_size: int,
        embedding: int,
        is_images: bool,
        num_train: int,
        num_classes: int,
    ) -> Plan:
        """Return the whole plan.

        Args:
            net: the given one, or the one that a search would train.
            epochs: likewise.
            batch_size: likewise.
            embedding: the dimensions that the net gives; the net head gives those of its input,
                whatever was asked for.
            is_images: whether the data are images, not ready embeddings.
            num_train: images trained on.
            num_classes: classes trained on.

        Raises:
            UsageError: a number is out of its range, or the start contradicts the net or the data.
        """
        start = self._start(net, is_images)
        if self.net is None and is_images and start == "frozen":
            net = _ON_FEATURES
        names = [each.name for each in fields(self) if getattr(self, each.name) is not None]
        if self.embedding != embedding and "embedding" in names:
            names.remove("embedding")
        return Plan(
            net=net,
            start=start,
            epochs=epochs,
            num_train=num_train,
            num_classes=num_classes,
            batch_size=batch_size,
            lr=Setting().lr if self.lr is None else self.lr,
            embedding=embedding,
            given=tuple(names),
        )

    def _start(self, net: str, is_images: bool) -> str:
        """Return what the net starts from: what was given, or what it is called."""
        named = start_of(net, not is_images)
        if self.start in (None, named):
            return named
        if not is_images:
            raise UsageError(
                f"start {self.start}: ready embeddings are the features of a frozen body; leave "
                "the start out, or give the images"
            )
        if named != "scratch":
            raise UsageError(
                f"start {self.start} contradicts the net {net}, whose start is {named}; give one "
                "of them"
            )
        return str(self.start)
