"""What one copies from an answer: commands, Python, and the line for another library."""

import math
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sweeper.registry.hyperparameters import MARGINS
from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.recommendation import Recommendation
from sweeper.repository.recommendation.sweep import rate_of_sweep

#: The image folder in commands.
_IMAGES = "./my-images"


@dataclass(frozen=True)
class Lines:
    """Lines to copy: what they are for, and a remark where there is one."""

    title: str
    text: str
    remark: str = ""


def lines(
    answer: Recommendation, loss: str, beside: Sequence[str] = (), measured: bool = False
) -> list[Lines]:
    """Return all that one may want to copy.

    Args:
        answer: the recommendation.
        loss: whose margins were asked about.
        beside: terms that were asked about.
        measured: whether the data were measured already.
    """
    setting = answer.setting
    title = "Ask the same by the command line" if measured else "Measure your data, and ask again"
    return [
        Lines(title, recommend_command(answer, loss, beside)),
        Lines(
            "Search from here on",
            answer.sweep.replace("DATASET", _IMAGES, 1),
            rate_of_sweep(answer.plan),
        ),
        Lines("In a training loop of your own", python(answer)),
        _other_library([setting, *(each.setting for each in answer.shortlist[1:])], answer),
    ]


def recommend_command(answer: Recommendation, loss: str, beside: Sequence[str]) -> str:
    """Return the command that asks the same of a folder of images."""
    plan = answer.plan
    options = {"objective": answer.objective, "loss": loss}
    if beside:
        options["beside"] = ",".join(beside)
    options |= {name.replace("_", "-"): f"{getattr(plan, name)}" for name in plan.given}
    words = (f"--{name} {shlex.quote(value)}" for name, value in options.items())
    return " ".join((f"sweeper recommend {_IMAGES}", *words))


def python(answer: Recommendation) -> str:
    """Return Python that makes the loss."""
    setting, plan = answer.setting, answer.plan
    values: dict[str, object] = {"loss": setting.loss}
    if setting.terms:
        values["beside"] = list(setting.terms)
    shown = (name for name in setting.names if name not in ("lr", "weight_decay"))
    values |= {name: _number(setting[name]) for name in shown}
    inside = ", ".join(f"{name!r}: {value!r}" for name, value in values.items())
    return (
        "from sweeper.losses import make_loss\n\n"
        f"setting = {{{inside}}}\n"
        f"loss = make_loss(setting, num_classes={plan.num_classes}, "
        f"embedding_size={plan.embedding})\n"
        f"# an optimizer with lr={setting.lr:g} for the parameters of the net and of the loss\n"
        "# loss(features, labels).backward()"
    ).replace("'", '"')


def metric_learning(setting: Setting, num_classes: int, embedding: int) -> str | None:
    """Return the line that makes the loss with pytorch-metric-learning.

    None if it has none with these margins. Its ArcFaceLoss takes the margin in degrees.
    """
    if setting.terms or "scale" not in setting.names:
        return None
    margins = {name: setting[name] for name in ("m1", "m2", "m3")}
    own = {name for name, value in margins.items() if value != MARGINS[name].default}
    sizes = f"num_classes={num_classes}, embedding_size={embedding}"
    scale = _number(setting.scale)
    if own == {"m2"}:
        degrees = _number(math.degrees(setting.m2))
        return f"losses.ArcFaceLoss({sizes}, margin={degrees}, scale={scale})"
    if own == {"m3"}:
        return f"losses.CosFaceLoss({sizes}, margin={_number(setting.m3)}, scale={scale})"
    if not own:
        return f"losses.NormalizedSoftmaxLoss({sizes}, temperature={_number(1 / setting.scale)})"
    return None


def _other_library(settings: Iterable[Setting], answer: Recommendation) -> Lines:
    """Return the line of the first setting that pytorch-metric-learning has a loss for."""
    plan, title = answer.plan, "With pytorch-metric-learning"
    for number, setting in enumerate(settings, start=1):
        line = metric_learning(setting, plan.num_classes, plan.embedding)
        if line is not None:
            remark = (
                ""
                if number == 1
                else (
                    f"It has no loss with the recommended margins: this is number {number} of the "
                    f"shortlist, {answer.described(setting)}."
                )
            )
            if "ArcFaceLoss" in line:
                remark = " ".join(filter(None, (remark, "Its margin is in degrees.")))
            text = f"from pytorch_metric_learning import losses\n\nloss = {line}"
            return Lines(title, text, remark)
    return Lines(
        title, "", "It has no loss with the margins of this shortlist. Ask for arcface or cosface."
    )


def _number(value: float) -> float | int:
    """Return a number with six digits: more say nothing."""
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e6 else rounded
