"""The README.md of weights that were trained on all samples: what they are and are not."""

import statistics

from sweeper.confirm.refit import Refit
from sweeper.console import count
from sweeper.registry.objectives import is_share
from sweeper.store import Confirmation
from sweeper.study.open_study import OpenStudy

_README = """\
# {study}: refit on all samples

Trial {trial} of the study `{study}` ({setting}) with seed {seed}, {caution}.

- Training: {budget}.
- What the setting is worth was measured on the confirmed weights, with {seeds}: {figures}.
  What the further samples change is not known.
- To compare with other nets on the test data, take the confirmed weights, not these.

`load.py` loads the weights (`weights.pt`) and needs sweeper. `setting.json` has all it takes to
train them again, and under `confirmed` what was measured of the confirmed weights. The net was
trained on {classes}.
"""


def readme(opened: OpenStudy, confirmation: Confirmation, refit: Refit) -> str:
    """Return it as Markdown."""
    values = confirmation.values[confirmation.winner]["test"]
    means = {name: statistics.fmean(values[name].values()) for name in opened.spec.objectives}
    figures = ", ".join(
        f"test {name} {100 * mean:.1f} %" if is_share(name) else f"test {name} {mean:.4f}"
        for name, mean in means.items()
    )
    return _README.format(
        study=opened.stored.name,
        trial=refit.winner.trial.number,
        setting=refit.winner.trial.setting.describe(),
        seed=refit.winner.seed,
        caution=refit.caution,
        budget=refit.budget,
        seeds=count(confirmation.seeds, "seed"),
        figures=figures,
        classes=count(len(refit.opened.task.split.trained_classes), "class"),
    )
