import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from sweeper.repository.meta_features.thumbnails import (
    directions,
    principal_components,
    thumbnails,
    unit_vectors,
)


def draw(*shape):
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def test_a_thumbnail_is_the_mean_of_each_area():
    images = draw(3, 2, 48, 32)
    result = thumbnails(images).reshape(3, 2, 16, 16)
    assert result[1, 0, 5, 7] == pytest.approx(
        images[1, 0, 15:18, 14:16].double().mean().item() / 255, rel=1e-6
    )
    assert result.mean() == pytest.approx(images.double().mean().item() / 255, rel=1e-6)


def test_small_sides_stay_as_they_are():
    images = draw(4, 1, 5, 20)
    assert thumbnails(images).shape == (4, 5 * 16)
    assert np.array_equal(thumbnails(draw(4, 3, 1, 1)) * 255, draw(4, 3, 1, 1).flatten(1).double())


def test_chunks_make_no_difference():
    images = draw(600, 1, 20, 20)
    alone = np.concatenate([thumbnails(image[None]) for image in images[[0, 255, 256, 599]]])
    assert np.array_equal(thumbnails(images)[[0, 255, 256, 599]], alone)


@pytest.mark.parametrize(("n", "d"), [(300, 100), (100, 300), (30, 100)])
def test_components_span_what_sklearn_finds(n, d):
    vectors = np.random.default_rng(0).normal(size=(n, d)) * 0.95 ** np.arange(d)
    vectors -= vectors.mean(0)
    expected = PCA(min(64, n), svd_solver="full").fit_transform(vectors)
    result = principal_components(vectors)
    # Products between images do not depend on the signs and the order of the axes.
    np.testing.assert_allclose(result @ result.T, expected @ expected.T, atol=1e-8)


def test_images_are_centered_and_at_unit_length():
    images = draw(200, 3, 8, 8)
    flat = images.flatten(1).double().numpy() / 255
    expected = PCA(64, svd_solver="full").fit_transform(flat)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    result = unit_vectors(images)
    np.testing.assert_allclose(result @ result.T, expected @ expected.T, atol=1e-5)


def test_embeddings_keep_their_angles():
    embeddings = torch.from_numpy(np.random.default_rng(0).normal(3, 1, (80, 10)))
    cosines = torch.nn.functional.cosine_similarity(embeddings[:, None], embeddings, dim=2)
    for given in (embeddings, embeddings * 1e300, embeddings * 1e-300):
        result = unit_vectors(given)
        np.testing.assert_allclose(result @ result.T, cosines, atol=1e-12)
    wide = unit_vectors(torch.nn.functional.pad(embeddings, (0, 90)))  # 10 of 100 dimensions filled
    assert wide.shape == (80, 64)
    np.testing.assert_allclose(wide @ wide.T, cosines, atol=1e-7)


def test_what_has_no_direction_shares_one():
    result = directions(np.array([[3.0, 4.0], [0.0, 0.0], [1e-12, 0.0]]))
    np.testing.assert_allclose(result, [[0.6, 0.8, 0], [0, 0, 1], [0, 0, 1]])
    equal = unit_vectors(torch.full((5, 3, 20, 20), 7, dtype=torch.uint8))
    assert np.array_equal(equal @ equal.T, np.ones((5, 5)))


def test_the_mean_image_has_no_direction_in_any_number_of_pixels():
    high = draw(10, 1, 16, 16) // 2
    images = torch.cat([high, 254 - high, torch.full_like(high[:1], 127)])
    *_, middle = result = unit_vectors(images)
    np.testing.assert_allclose(result @ middle, [0] * 20 + [1], atol=1e-12)
