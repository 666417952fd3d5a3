"""The search that would find the best setting, as a command."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from sweeper.errors import UsageError
from sweeper.models import torchvision_names
from sweeper.models.net_name import ON_FROZEN, TUNED, parse
from sweeper.registry.losses import ANY_LOSS, DEFAULT_LOSS
from sweeper.registry.nets import NETS
from sweeper.repository.plan import Plan
from sweeper.repository.task_plans import start_of


def sweep_command(
    dataset: str,
    objective: str,
    loss: str,
    plan: Plan,
    is_images: bool,
    beside: Sequence[str] = (),
) -> str:
    """Return the command that searches with a plan, as far as ``sweeper run`` can train so.

    Args:
        dataset: name of the data set.
        objective: what is to be best.
        loss: whose margins are searched; those of all losses for `ANY_LOSS`.
        plan: how somebody trains.
        is_images: whether the data are images, not ready embeddings.
        beside: terms whose λ is searched, too.
    """
    loss = DEFAULT_LOSS if loss == ANY_LOSS else loss
    options = {"objective": objective, "loss": loss, "net": _net(plan) if is_images else plan.net}
    if beside:
        options["beside"] = ",".join(beside)
    for name in ("epochs", "batch_size", "embedding"):
        if name in plan.given:
            options[name.replace("_", "-")] = str(getattr(plan, name))
    words = (f"--{name} {shlex.quote(text)}" for name, text in options.items())
    return " ".join(("sweeper run", shlex.quote(dataset), *words))


def rate_of_sweep(plan: Plan) -> str:
    """Return how a search keeps the learning rate that was given; nothing where none was."""
    if "lr" not in plan.given:
        return ""
    return (
        "`sweeper run` on a data set searches the learning rate, too: a study file with "
        f"lr = {plan.lr:g} under [fixed], and no lr under [space], keeps yours (README.md, 'Study "
        "files')"
    )


def _net(plan: Plan) -> str:
    """Return the net on images with the start of the plan in its name.

    Of a net that has no pretrained weights an example stands there that has some; the user's own
    loads them itself.
    """
    try:
        name = parse(plan.net)
    except UsageError:  # what somebody calls a net of their own
        return plan.net
    if plan.start == start_of(plan.net, False):
        return plan.net
    if plan.start == "frozen":
        weighted = replace(name, weights="DEFAULT", body="frozen", head="linear")
        return str(weighted) if _has_weights(name.base) else ON_FROZEN
    if _has_weights(name.base):
        return str(replace(name, weights="DEFAULT"))
    return TUNED if name.base in NETS else plan.net


def _has_weights(base: str) -> bool:
    """Return whether torchvision has pretrained weights for a net."""
    return NETS[base].options if base in NETS else base in torchvision_names.names()
