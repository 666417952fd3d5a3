"""The ranges of margins and scale, where the user names none."""

from typing import Any

from sweeper.hyperparameters import TERMS, term_names

#: λ of every term, and both of the git loss.
LAMBDAS = [name for term in TERMS for name in term_names(term) if ".lambda" in name]

#: What is searched on a data set that comes without a study file, where the loss has it.
SPACE: dict[str, dict[str, Any]] = {
    "m1": {"low": 0.9, "high": 1.5},
    "m2": {"low": -0.2, "high": 0.8},
    "m3": {"low": -0.2, "high": 0.5},
    "scale": {"low": 2.0, "high": 128.0, "log": True},
    # Squared distances of unit-length embeddings reach 4, distances 2.
    "margin": {"low": 0.02, "high": 1.0, "log": True},
    # Wide, since a term's size depends on that of the embeddings.
    **{name: {"low": 1e-4, "high": 10.0, "log": True} for name in LAMBDAS},
}
