"""The plan that somebody asks about: what they give, and what a search would do for the rest."""

from dataclasses import dataclass, fields

from sweeper.errors import UsageError
from sweeper.models.net_name import ON_FROZEN, TUNED
from sweeper.registry.setting import Setting
from sweeper.repository.plan import Plan
from sweeper.repository.task_plans import start_of

#: The net on frozen features where none is named and the features are not there yet.
_ON_FEATURES = "linear"


@dataclass(frozen=True)
class Given:
    """What somebody gives of a plan; None for what they leave to sweeper.

    Raises:
        UsageError: the start contradicts the weights that the net's name has.
    """

    net: str | None = None
    start: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    lr: float | None = None
    embedding: int | None = None

    def __post_init__(self) -> None:
        if self.net is None or self.start is None:
            return
        named = start_of(self.net, False)
        if named not in ("scratch", self.start):
            raise UsageError(
                f"start {self.start} contradicts the net {self.net}, whose start is {named}; give "
                "one of them"
            )

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
            UsageError: a number is out of its range, or the start contradicts the data.
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
        return str(self.start)


def require_own_start(given: Given, net: str, is_images: bool) -> None:
    """Raise UsageError unless sweeper itself trains a net with the start that was given."""
    own = start_of(net, not is_images)
    if given.start not in (None, own):
        example = ON_FROZEN if given.start == "frozen" else TUNED
        raise UsageError(
            f"--try trains the net {net}, whose start is {own}, not {given.start}; name pretrained "
            f"weights, as in --net '{example}'"
        )
