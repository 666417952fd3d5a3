"""The form of the page Ask: its fields, and what somebody filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sweeper.registry.losses import ANY_LOSS, DEFAULT_LOSS, repository_losses
from sweeper.registry.nets import NETS
from sweeper.registry.objectives import DEFAULT_OBJECTIVE, OBJECTIVES
from sweeper.registry.terms import repository_terms
from sweeper.serve.question import Asked, AskedOfFile
from sweeper.serve.uploads.limits import MOST_BYTES

#: Every field but the file.
NAMES = (
    *("num_classes", "per_class", "objective", "loss", "beside", "start", "net"),
    *("epochs", "samples", "batch_size", "lr", "embedding"),
)

#: The largest file that is taken, in MiB.
MOST_MIB = MOST_BYTES >> 20

#: What one may choose of a question beside the plan.
_CHOICES = ("objective", "loss", "beside")

#: What a file says itself, and what follows from its number of images.
_OF_FILE = ("num_classes", "per_class", "samples")

_NUMBERS = (
    *("num_classes", "per_class", "epochs", "samples"),
    *("batch_size", "lr", "embedding"),
)


@dataclass(frozen=True)
class Choice:
    """One option of a field: what is sent, and what is shown."""

    value: str
    shown: str


OBJECTIVE_CHOICES = tuple(Choice(name, info.title) for name, info in OBJECTIVES.items())

LOSS_CHOICES = (
    *(
        Choice(name, f"{name}: {info.about}")
        for name, info in sorted(
            repository_losses().items(), key=lambda item: (item[0] != DEFAULT_LOSS, item[0])
        )
        if info.margins
    ),
    Choice(ANY_LOSS, f"{ANY_LOSS}: the best of them"),
)

TERM_CHOICES = (Choice("", "none"), *(Choice(name, name) for name in repository_terms()))

START_CHOICES = (
    Choice("", "not said"),
    Choice("scratch", "random weights"),
    Choice("tuned", "pretrained weights, tuned"),
    Choice("frozen", "features of a frozen net"),
)

#: Nets that are suggested; one's own has any name.
NET_NAMES = tuple(NETS)


@dataclass(frozen=True)
class Filled:
    """The form as somebody sent it.

    Attributes:
        values: of each field as text; empty where nothing was filled in.
        asked: the question, None where there is none yet or a value cannot be.
        file: the question if it is about a file.
        fault: what is wrong, empty if nothing is.
        at: the field in which it is.
    """

    values: dict[str, str]
    asked: Asked | None = None
    fault: str = ""
    at: str = ""
    file: AskedOfFile | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filled":
        """Read what was sent."""
        sent = {name: query[name].strip() for name in NAMES if query.get(name, "").strip()}
        values = _values(sent)
        if not sent:
            return cls(values)
        plan = {name: _plain(name, text) for name, text in sent.items() if name not in _CHOICES}
        choices: dict[str, Any] = {name: sent[name] for name in _CHOICES if name in sent}
        if "beside" in choices:
            choices["beside"] = [choices["beside"]]
        try:
            return cls(values, Asked.model_validate({"plan": plan, **choices}))
        except ValidationError as error:
            first = error.errors()[0]
            return cls(values, None, _said(first), str(first["loc"][-1]))

    @classmethod
    def of_file(cls, sent: Mapping[str, str]) -> "Filled":
        """Read what was sent beside a file."""
        values = _values(sent)
        for name in _OF_FILE:
            if name in sent:
                label = LABELS[name].capitalize()
                instead = "give epochs" if name == "samples" else "leave it empty"
                fault = f"“{label}” follows from the file: {instead}, or ask without the file."
                return cls(values, None, fault, name)
        try:
            plain = {name: _plain(name, text) for name, text in sent.items()}
            return cls(values, file=AskedOfFile.model_validate(plain))
        except ValidationError as error:
            first = error.errors()[0]
            return cls(values, None, _said(first), str(first["loc"][0]))

    @classmethod
    def again(cls, asked: AskedOfFile) -> "Filled":
        """Return the form with a question about a file, to be changed and sent with one again."""
        given = {name: value for name, value in asked.model_dump().items() if value}
        given["beside"] = ",".join(asked.beside)
        return cls(_values({name: str(value) for name, value in given.items()}), file=asked)

    def with_fault(self, fault: str) -> "Filled":
        """Return the form with what turned out to be wrong when it was answered."""
        return Filled(self.values, None, fault)

    @property
    def is_empty(self) -> bool:
        """Whether nobody asked yet."""
        return self.asked is None and self.file is None and not self.fault


def _values(sent: Mapping[str, str]) -> dict[str, str]:
    """Return what the fields show."""
    usual = {"objective": DEFAULT_OBJECTIVE, "loss": DEFAULT_LOSS}
    return {name: sent.get(name, usual.get(name, "")) for name in NAMES}


def _plain(name: str, text: str) -> Any:
    """Return a number as programs write it: without commas, and whole if it is."""
    if name not in _NUMBERS:
        return text
    bare = text.replace(",", "").replace(" ", "").replace("_", "")
    try:
        number = float(bare)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _said(error: Any) -> str:
    """Write a fault that pydantic found as a sentence about the field."""
    label = LABELS.get(str(error["loc"][-1]), "the form").capitalize()
    if error["type"] == "missing":
        return f"“{label}” is empty: please fill it in, or choose a file."
    if str(error["type"]).startswith(("int_", "float_", "finite_")):
        kind = "a whole number" if error["type"].startswith("int_") else "a number"
        return f"Please correct “{label}”: write {kind}."
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"Please correct “{label}”: {message[0].lower()}{message[1:]}."


#: What the fields are called on the page.
LABELS = {
    "num_classes": "classes",
    "per_class": "images per class",
    "objective": "objective",
    "loss": "loss",
    "beside": "term beside it",
    "start": "start",
    "net": "net",
    "epochs": "epochs",
    "samples": "samples seen",
    "batch_size": "batch size",
    "lr": "learning rate",
    "embedding": "embedding dimensions",
}
