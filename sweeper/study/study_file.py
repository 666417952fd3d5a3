"""A study: what is trained, what is searched and how it is judged; read from a TOML file."""

import json
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import PrivateAttr, ValidationError, ValidationInfo, model_validator

from sweeper.errors import SweeperError, UsageError
from sweeper.registry.controls import control_name
from sweeper.registry.nets import default_net
from sweeper.registry.objectives import OBJECTIVES, Direction
from sweeper.registry.setting import Setting, paper_default
from sweeper.study import study_checks
from sweeper.study.loaded_data import Loaded
from sweeper.study.setting_table import merge
from sweeper.study.space.dimensions import Choices, Range
from sweeper.study.study_errors import explain, one_line
from sweeper.study.study_keys import AugmentationTable, Published, StudyKeys
from sweeper.study.vocabulary import Precision

if TYPE_CHECKING:
    from sweeper.training import TrainingProtocol, TrainingRecipe

#: The context of validation in which a study is read back, not asked for.
_STORED = "stored"


class StudySpec(StudyKeys):
    """A study as its file describes it, checked and with every default filled in."""

    _loaded: Loaded = PrivateAttr(default_factory=Loaded)  # no key: a file cannot give it

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Self:
        study_checks.check(self)
        if info.context != _STORED:
            study_checks.check_units(self)
        return self

    @cached_property
    def protocol(self) -> "TrainingProtocol":
        """How its nets are trained beyond settings and budget."""
        from sweeper.training import Augmentation, TrainingProtocol  # needs torch

        changed = Augmentation(**self.augmentation.model_dump())
        return TrainingProtocol(self.decay, self.per_class, changed)

    @property
    def recipe(self) -> "TrainingRecipe":
        """How its nets are trained, apart from the settings."""
        from sweeper.training import TrainingRecipe  # needs torch

        return TrainingRecipe(self.net, self.embedding, self.epochs, self.batch_size, self.protocol)

    @property
    def loaded(self) -> Loaded:
        """What the loading of its data told; nothing before."""
        return self._loaded

    def with_loaded(self, loaded: Loaded) -> Self:
        """Return the study with what the loading of its data told."""
        spec = self.model_copy()
        spec._loaded = loaded  # noqa: SLF001 - a copy of its own
        return spec

    @property
    def losses(self) -> list[str]:
        """Every loss that is trained with, each once."""
        settings = [setting.loss for setting in self.settings_list()]
        return list(dict.fromkeys(settings or (self.loss, *self.controls)))

    @property
    def directions(self) -> list[Direction]:
        """The directions of the objectives, as Optuna calls them."""
        return [OBJECTIVES[objective].direction for objective in self.objectives]

    def with_default_net(self, is_images: bool) -> Self:
        """Return the study with the net that suits its data, where it names none itself."""
        if self.net != "auto":
            return self
        net = default_net("images" if is_images else "embeddings", self.objectives)
        return self.model_copy(update={"net": net})

    def with_precision(self, known: "StudySpec | None", bfloat16: bool) -> Self:
        """Return the study with its precision settled, so that unlike workers train alike.

        Args:
            known: the study as it was stored, which has the word where this one leaves it open.
            bfloat16: whether the device here has it.
        """
        if self.precision != "auto":
            return self
        here: Precision = "bfloat16" if bfloat16 else "float32"
        settled = here if known is None else known.precision
        return self.model_copy(update={"precision": settled})

    def updated(self, where: str, **values: Any) -> Self:
        """Return the study with other values, checked again; what was not given follows anew.

        Raises:
            UsageError: when the values do not fit; `where` begins its line.
        """
        spec = self.from_content({**self.model_dump(exclude_unset=True), **values}, where)
        return spec.with_loaded(self.loaded)

    def setting(self, params: Mapping[str, float]) -> Setting:
        """Return the setting of a search's trial: its parameters, what is fixed, and defaults."""
        return merge(self.loss, params, self.fixed, self.beside)

    def control_settings(self) -> dict[str, Setting]:
        """Return what is trained beside the search, by name, see `control_name`.

        Each loss has its paper's margins and scale. Where the learning rate is searched, each is
        trained at the middle of its range and at both ends, so that none is compared at a rate
        that does not suit it. A weight decay that is searched is the middle of its range.
        """
        decay = self.fixed.get("weight_decay", Setting().weight_decay)
        if "weight_decay" in self.space:
            decay = self.space["weight_decay"].middle()
        middle, others = self.fixed.get("lr", Setting().lr), list[float]()
        if "lr" in self.space:
            middle = self.space["lr"].middle()
            others = [lr for lr in self.space["lr"].ends() if lr != middle]
        return {
            control_name(loss, None if lr == middle else lr): paper_default(
                loss, lr=lr, weight_decay=decay
            )
            for loss in self.controls
            for lr in (middle, *others)
        }

    def to_json(self) -> str:
        """Return the study as text, the same for the same study; `from_json` reads it."""
        content = self.model_dump(mode="json", exclude_none=True)
        if self.per_class is not None:
            del content["batch_size"]
        if loaded := self.loaded.to_dict():
            content["loaded"] = loaded
        return json.dumps(content, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the study that `to_json` wrote.

        Raises:
            SweeperError: when another version of the program wrote it.
        """
        try:
            content, loaded = json.loads(text), {}
            if isinstance(content, dict):  # one without a precision was trained in float32
                content.setdefault("precision", "float32")
                if "per_class" in content:  # which some were stored with
                    content.pop("batch_size", None)
                loaded = content.pop("loaded", {})
            spec = cls.from_content(content, "stored study", _STORED)
            return spec.with_loaded(Loaded.from_dict(loaded))
        except (UsageError, ValueError) as error:
            raise SweeperError(
                f"{error}; it was written by another version of sweeper, which can go on with it"
            ) from error

    def changes(self, other: "StudySpec") -> list[str]:
        """Return what differs: keys, and weights whose content is another under the same name.

        Numbers and words stand behind their key: ``epochs (8, not 9)`` if 8 is this study's own.
        The number of trials is left out, since it may grow.
        """
        mine, theirs = self._flat(), other._flat()  # noqa: SLF001 - of its own class
        keys = sorted(k for k in mine.keys() | theirs.keys() if mine.get(k) != theirs.get(k))
        said = [_changed(key, mine.get(key), theirs.get(key)) for key in keys]
        digests = {self.loaded.weights, other.loaded.weights} - {None}  # None: nobody looked
        if len(digests) > 1 and self.net == other.net:
            said.append(f"the weights in {self._weights()}")
        return said

    def _weights(self) -> str:
        from sweeper.models.net_name import parse  # needs torch

        net = parse(self.net)
        return net.weights_file or str(net.weights)

    def _flat(self) -> dict[str, Any]:
        content = self.model_dump(mode="json", exclude={"n_trials"})
        for table in ("space", "fixed"):
            content |= {f"{table}.{key}": value for key, value in content.pop(table).items()}
        return content

    @classmethod
    def from_content(
        cls, content: Mapping[str, Any], where: str, context: str | None = None
    ) -> Self:
        """Return the study that keys and values describe, as they stand in a file.

        The context `_STORED` lets pass what earlier versions accepted, such as large angles.

        Raises:
            UsageError: when anything is wrong with them; `where` begins its line.
        """
        try:
            return cls.model_validate(content, context=context)
        except ValidationError as error:
            raise explain(error, where, _KEYS) from None


def load_study(path: str | Path) -> StudySpec:
    """Return the study that a TOML file describes; its name is the file's unless it gives one.

    Raises:
        UsageError: with file, key and what is allowed, when anything is wrong with it.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        reason = "there is no such study file"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        reason = f"is no text in UTF-8: {error.reason}"
    except (ValueError, RecursionError) as error:
        reason = f"is no valid TOML: {error}"
    else:
        return StudySpec.from_content({"name": path.stem, **content}, str(path))
    raise UsageError(one_line(f"{path}: {reason}"))


#: The keys that may stand in each table, for the messages about those that may not.
_KEYS = {
    "": tuple(StudySpec.model_fields),
    "space": (*Range.model_fields, *Choices.model_fields),
    "augmentation": tuple(AugmentationTable.model_fields),
    "published": tuple(Published.model_fields),
}


def _changed(key: str, own: object, other: object) -> str:
    """Name a key, with both values if they are short."""
    short = all(isinstance(value, int | float | str) for value in (own, other))
    return f"{key} ({own}, not {other})" if short else key
