import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from sweeper.repository.meta_features.shrunk_covariance import shrunk_covariance


@pytest.mark.parametrize("shape", [(200, 5), (20, 30), (2, 3), (50, 1)])
@pytest.mark.parametrize("scale", [1e-3, 1.0])
def test_it_is_that_of_scikit_learn(shape, scale):
    vectors = (
        scale * np.random.default_rng(0).normal(size=shape) @ np.diag(np.linspace(0.1, 1, shape[1]))
    )
    theirs = LedoitWolf(assume_centered=True).fit(vectors)
    ours = shrunk_covariance(vectors)
    np.testing.assert_allclose(ours.covariance, theirs.covariance_, rtol=1e-10, atol=1e-18)
    assert ours.shrinkage == pytest.approx(theirs.shrinkage_, abs=1e-10)


def test_what_does_not_vary_has_none():
    ours = shrunk_covariance(np.zeros((4, 3)))
    assert not ours.covariance.any()
    assert ours.shrinkage == 0
