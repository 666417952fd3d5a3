import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from sweeper.repository.surrogates.gaussian_process import GaussianProcess, _spread_evenly


def test_it_is_the_process_of_another_library(make_rows, moving):
    """With one task, the kernel over tasks is constant: a plain RBF over settings is left."""
    rows = make_rows(moving, sources=1, settings=25, noise=0.1)
    fitted = GaussianProcess(100).fit(rows)
    kernel = fitted.kernel
    other = GaussianProcessRegressor(
        ConstantKernel(kernel.variance, "fixed") * RBF(kernel.width, "fixed")
        + ConstantKernel(0.1 * kernel.variance, "fixed"),
        alpha=rows.se**2 + 0.1 * kernel.variance,
        optimizer=None,
    ).fit(rows.points, rows.gain - rows.gain.mean())
    query = make_rows(moving, sources=1, settings=40, seed=2)
    query.context[:] = rows.context[0]
    expected = other.predict(query.points) + rows.gain.mean()
    # The other library knows the task's own shift there, which is no news to a new task.
    shift = 0.1 * kernel.variance * fitted.solved.sum()
    mean, deviation = fitted.predict(query)
    np.testing.assert_allclose(mean, expected - shift, rtol=1e-6)
    assert (deviation**2 > 0.2 * kernel.variance).all()


def test_every_source_has_its_share_of_the_points(make_rows, moving):
    rows = make_rows(moving, sources=10, settings=30)
    rows.source[rows.task < 5] = 0  # five tasks of one source
    chosen = _spread_evenly(rows, 60)
    counts = np.bincount(rows.task[chosen], minlength=10)
    assert len(chosen) <= 75
    assert counts[:5].sum() <= 2 * counts[5]
    assert (counts >= 2).all()
    assert len(set(chosen)) == len(chosen)
