import numpy as np
import pytest
from scipy.optimize import minimize

from sweeper.repository.surrogates.stack import stacking_weights


@pytest.mark.parametrize("seed", range(4))
def test_the_weights_are_those_of_a_solver(seed):
    rng = np.random.default_rng(seed)
    errors = [rng.normal(offset, 1, (6, 9)) for offset in (0.5, 0.0, -0.3, 0.8)]
    weight = rng.uniform(0.1, 1, (6, 9))

    def loss(share):
        return float((weight * np.einsum("m,mij->ij", share, errors) ** 2).sum())

    solved = minimize(
        loss,
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda share: share.sum() - 1},
        tol=1e-12,
    )
    found = stacking_weights(errors, weight)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    np.testing.assert_allclose(found, solved.x, atol=1e-4)


def test_of_equal_members_the_first_counts_most():
    error = np.ones((3, 4))
    found = stacking_weights([error, error, 2 * error], np.ones((3, 4)))
    assert found[0] >= found[1]
    assert found[2] == 0
