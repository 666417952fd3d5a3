"""A setting as JSON has it, see ``docs/json.md``."""

from typing import Any

from sweeper.registry.losses import LOSSES
from sweeper.registry.setting import Setting
from sweeper.registry.terms import TERMS


def setting_to_json(setting: Setting) -> dict[str, Any]:
    """Return a setting's margins, scale, λ, learning rate and terms as plain values.

    The scale is None where the loss has none, and ``lambda`` unless there is exactly one. A term
    with several λ has one entry for each, ``git.lambda_c`` for example.
    """
    scale = setting.scale if "scale" in LOSSES[setting.loss].margins else None
    terms: dict[str, float] = {}
    for term in setting.terms:
        names = TERMS[term].lambdas
        for name in names:
            terms[term if len(names) == 1 else f"{term}.{name}"] = setting[f"{term}.{name}"]
    return {
        "loss": setting.loss,
        **{name: getattr(setting, name) for name in ("m1", "m2", "m3")},
        "scale": scale,
        "lambda": next(iter(terms.values())) if len(terms) == 1 else None,
        "lr": setting.lr,
        "terms": terms,
    }
