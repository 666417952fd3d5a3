import numpy as np

from sweeper.repository.surrogates.basis import Basis, farthest_points


def test_the_basis_has_a_constant_linear_square_and_bump_terms():
    points = np.array([[1.0, 2.0], [3.0, 5.0]])
    terms = Basis(points[:1]).of(points)
    bump = np.exp(-0.5 * (2**2 + 3**2))
    np.testing.assert_allclose(terms, [[1, 1, 2, 1, 2, 4, 1], [1, 3, 5, 9, 15, 25, bump]])
    assert Basis(points[:1]).prior.shape == (7,)


def test_points_are_chosen_far_apart():
    line = np.linspace(0, 1, 101)[:, None]
    np.testing.assert_allclose(farthest_points(line, 3)[:, 0], [0.5, 0.0, 1.0])
    assert len(farthest_points(np.ones((5, 2)), 3)) == 1


def test_the_order_of_points_makes_no_difference():
    points = np.random.default_rng(0).normal(size=(50, 4))
    np.testing.assert_array_equal(Basis.over(points).centers, Basis.over(points[::-1]).centers)
