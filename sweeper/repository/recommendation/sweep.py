"""The search that would find the best setting, as a command."""

import shlex
from collections.abc import Sequence

from sweeper.models.net_name import ON_FROZEN
from sweeper.registry.losses import ANY_LOSS, DEFAULT_LOSS
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
    options = {"objective": objective, "loss": loss, "net": plan.net}
    if beside:
        options["beside"] = ",".join(beside)
    if is_images and plan.start == "frozen" and start_of(plan.net, False) != "frozen":
        options["net"] = ON_FROZEN
    for name in ("epochs", "batch_size", "embedding"):
        if name in plan.given:
            options[name.replace("_", "-")] = str(getattr(plan, name))
    words = (f"--{name} {shlex.quote(text)}" for name, text in options.items())
    return " ".join(("sweeper run", shlex.quote(dataset), *words))
