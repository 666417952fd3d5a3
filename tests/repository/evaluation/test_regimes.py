import pandas as pd

from sweeper.repository.evaluation.regimes import REGIMES, of_regime


def test_regimes_are_told_by_how_tasks_are_trained():
    tasks = pd.DataFrame(
        {
            "start": ["scratch", "scratch", "frozen", "scratch"],
            "samples": [10_000, 100_000, 500_000, 15_000],
            "num_classes": [10, 20, 400, 5],
            "num_train": [1000, 2000, 1600, 1500],
        }
    )
    found = {name: of_regime(name, tasks).tolist() for name in REGIMES}
    assert list(found.values()) == [
        [False, False, True, False],
        [False, True, False, False],
        [False, False, True, False],
        [False, False, True, False],
        [False, False, False, True],
    ]
