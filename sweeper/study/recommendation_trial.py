"""A recommendation put to the test: an experiment with its shortlist and every baseline."""

import hashlib
from collections.abc import Sequence

from sweeper.registry.setting import Setting
from sweeper.repository.recommendation.beside import without_terms
from sweeper.study.advice import Advice
from sweeper.study.study_file import StudySpec


def comparison_experiment(advice: Advice) -> StudySpec:
    """Return the experiment that trains the shortlist and the baselines."""
    return experiment_of(advice.spec, settings_to_try(advice))


def experiment_of(spec: StudySpec, settings: Sequence[Setting]) -> StudySpec:
    """Return the experiment that trains settings as a search does.

    Its name ends with digits of the settings: what is recommended tomorrow is another experiment.
    """
    digits = hashlib.sha256(repr(settings).encode()).hexdigest()[:4]
    losses = "+".join((spec.loss, *spec.beside))
    name = spec.name.removesuffix(f"-{losses}-{spec.objectives[0]}")
    content = {
        "name": f"{name}-tried-{spec.objectives[0]}-{digits}",
        "kind": "experiment",
        "dataset": spec.dataset,
        "net": spec.net,
        "embedding": spec.embedding,
        "objectives": list(spec.objectives),
        "epochs": spec.epochs,
        "batch_size": spec.batch_size,
        "settings": [
            {**setting_table(setting), "beside": list(setting.terms)} for setting in settings
        ],
    }
    return StudySpec.from_content(content, spec.name)


def settings_to_try(advice: Advice) -> list[Setting]:
    """Return the settings of the shortlist, the recommended one first, and of the baselines.

    The recommended one is also among them without its term, if it has one.
    """
    recommendation = advice.recommendation
    alone = without_terms(recommendation.setting)
    shortlist = (each.setting for each in recommendation.shortlist)
    baselines = (baseline.setting for baseline in recommendation.baselines)
    return list(dict.fromkeys([recommendation.setting, *shortlist, alone, *baselines]))


def setting_table(setting: Setting) -> dict[str, float | str]:
    """Return a setting as a study file has it, which `Setting.of` reads."""
    return {"loss": setting.loss, **{name: setting[name] for name in setting.names}}
