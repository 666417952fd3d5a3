import numpy as np
import pytest

from sweeper.repository.surrogates.ridge import Ridge


def test_a_scale_that_follows_the_formula_is_followed_beyond_what_was_seen(make_rows):
    """Tasks whose formula gives another scale have their top there, without any meta-feature."""

    def rows_for(shifts, seed):
        rows = make_rows(lambda points, context: 0 * points[:, 0], sources=len(shifts), seed=seed)
        rows.offset[:] = rows.points[:, 3] - np.array(shifts)[rows.task]
        rows.gain[:] = 1 - 0.5 * rows.offset**2
        rows.context[:] = 0
        return rows

    fitted = Ridge(2).fit(rows_for([-0.5, 0.0, 0.5] * 4, 0))
    query = rows_for([0.8], 1)
    mean, _ = fitted.predict(query)
    assert mean == pytest.approx(query.gain, abs=0.15)
