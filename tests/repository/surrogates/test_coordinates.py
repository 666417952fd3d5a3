import numpy as np
import pandas as pd
import pytest

from sweeper.repository.surrogates.coordinates import Compression, points_with_rate


def test_a_unit_of_each_number_is_one_step():
    settings = pd.DataFrame(
        {
            "m1": [1.0, 1.25],
            "m2": [0.0, 0.3],
            "m3": [0.0, -0.25],
            "scale": [16.0, 16 * np.e],
            "lr": [1e-3, 3e-3],
        }
    )
    np.testing.assert_allclose(
        points_with_rate(settings), [[0, 0, 0, 0, 0], [1, 1, -1, 1, 1]], atol=1e-12
    )


def test_compression_is_linear_for_small_gains_and_can_be_undone():
    gains = np.array([-0.8, -0.01, 0.0, 0.02, 0.3])
    compression = Compression(0.05)
    compressed = compression.compress_gain(gains)
    np.testing.assert_allclose(compression.decompress(compressed), gains)
    assert compressed[3] == pytest.approx(0.4, rel=0.05)
    assert compressed[0] > -4
    # The error of a compressed gain is the slope times that of the gain.
    slope = (compression.compress_gain(gains + 1e-6) - compressed) / 1e-6
    error = compression.compress_error(gains, np.full(5, 0.01))
    np.testing.assert_allclose(error, 0.01 * slope, rtol=1e-4)


def test_the_unit_follows_the_size_of_the_gains():
    table = pd.DataFrame({"gain": [0.01, -0.03, 0.02], "se": 0.001})
    assert Compression.of(table).unit == pytest.approx(0.04)
    assert Compression.of(table.iloc[:0]).unit > 0
