"""An experiment with published figures, stored without training."""

import numpy as np
import pytest

from sweeper.report.page.reported import Reported, slugs
from sweeper.store import ClassRecord, EpochRecord, SeedRecord, TrialRecord, record_trial

SEEDS = 6
SETTINGS = [
    {"loss": "softmax", "lr": [0.001, 0.01]},
    {"loss": "arcface", "m2": [0.1, 0.2], "scale": 16.0},
]
PUBLISHED = """loss,m2,m3,lr,epochs,runs,accuracy
softmax,,,0.001,2,1,90.0
arcface,0.1,0,,2,1,99.9
arcface,0.2,0,,2,1,92.0
arcface,0.3,0,,2,1,91.0
"""


@pytest.fixture
def experiment(make_study, tmp_path):
    """Create the experiment, without a trial."""

    def make(published=PUBLISHED, **content):
        path = tmp_path / "published.csv"
        path.write_text(published)
        given = {"settings": SETTINGS, "seeds": SEEDS, "published": {"table": str(path)}}
        return make_study(kind="experiment", **given | content)

    return make


@pytest.fixture
def train():
    """Store trials with values that depend on setting and seed alone, as (means, noise)."""

    def store(opened, means=(0.90, 0.91, 0.92, 0.93), noise=0.002, validation=None):
        generator = np.random.default_rng(0)
        of_seed = generator.normal(size=SEEDS) * noise
        for number, (setting, mean) in enumerate(
            zip(opened.spec.settings_list(), means, strict=False)
        ):
            values = mean + of_seed + generator.normal(size=SEEDS) * noise
            last = None if validation is None else validation[number]
            curve = (EpochRecord(1, 1.0, 0.5), EpochRecord(2, 0.5, last))
            classes = tuple(ClassRecord(c, 0.9, 0.3, 0.1 * (c + 1)) for c in range(10))
            wrong = number + 1  # of ten samples of each class, as the next class
            confusion = tuple(
                entry for c in range(10) for entry in ((c, c, 10 - wrong), (c, (c + 1) % 10, wrong))
            )
            seeds = tuple(
                SeedRecord(seed, {"accuracy": float(value)}, curve, classes, confusion)
                for seed, value in enumerate(values)
            )
            record = TrialRecord(setting, "complete", number=number, epochs=2, seeds=seeds)
            record_trial(opened.database, opened.stored.id, record, opened.stored.split)

    return store


@pytest.fixture
def reported():
    """Read studies as the command does."""

    def read(*opened):
        folders = slugs(each.stored.name for each in opened)
        found = [Reported.load(o.database, o.stored, folders[o.stored.name]) for o in opened]
        return found if len(found) > 1 else found[0]

    return read
