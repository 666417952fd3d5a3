"""What is found out about a file, as it comes back from the process that looks at it."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from sweeper.repository.plan import Plan


@dataclass(frozen=True)
class Measured:
    """What was measured of images or embeddings.

    Attributes:
        features: meta-features.
        plan: the training, with what the data are.
        notes: what an answer should say beside its own notes.
        loading: how reading changed the data, and what is odd about them.
    """

    features: dict[str, float]
    plan: Plan
    notes: tuple[str, ...]
    loading: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """What a table of meta-features says."""

    num_classes: int
    per_class: float
    features: dict[str, float]


@dataclass(frozen=True)
class Refused:
    """Why a file cannot be measured, and what to do."""

    refusal: str


@dataclass(frozen=True)
class Failed:
    """How measuring failed, for the server's log."""

    trace: str


Outcome = Measured | Counted | Refused

#: What a process says, as JSON: nothing that comes from a file is unpickled.
SAID: TypeAdapter[Outcome | Failed] = TypeAdapter(Outcome | Failed)
