import numpy as np
import pytest

from sweeper.repository.gains import gains
from sweeper.repository.surrogates.design_matrix import CENTER, UNIT, Compression, Design


@pytest.fixture(scope="module")
def repository(world):
    return world().repository(sources=6, settings=5, seeds=2)


@pytest.fixture(scope="module")
def measured(repository):
    table = gains(repository, "accuracy")
    return table[table["loss"] != "softmax"]


def design_of(repository, measured):
    compression = Compression.of(measured)
    return Design.of(repository.tasks, measured, repository.features, compression)


def test_rows_say_what_the_tables_say(repository, measured):
    design = design_of(repository, measured)
    rows = design.rows(measured, repository.tasks)
    index = repository.tasks.set_index("id")
    for position, row in enumerate(measured.itertuples()):
        expected = [row.m1, row.m2, row.m3, np.log(row.scale)]
        np.testing.assert_allclose(rows.points[position] * UNIT + CENTER, expected)
        formula = max(2.0, np.sqrt(2) * np.log(9))
        assert rows.offset[position] == pytest.approx(np.log(row.scale / formula))
        raw = index.loc[row.task, ["f0", "f1", "f2", "f3"]].to_numpy(float)
        everything = index[["f0", "f1", "f2", "f3"]].to_numpy(float)
        standard = (raw - everything.mean(0)) / everything.std(0) / np.sqrt(4)
        np.testing.assert_allclose(rows.pictures[position], standard, rtol=1e-6, atol=1e-9)
        assert design.compression.decompress(rows.gain[position : position + 1])[
            0
        ] == pytest.approx(row.gain, abs=1e-12)
    assert len(set(rows.source.tolist())) == 6


def test_a_feature_that_is_the_same_everywhere_is_left_out(repository, measured):
    tasks = repository.tasks.assign(f1=0.1, f2=1e9)
    design = Design.of(tasks, measured, ("f0", "f1", "f2"), Compression(1.0))
    places = design.features_of(tasks)
    assert places.shape == (6, 1)
    assert places.std() == pytest.approx(1.0)
    assert design.features_of(tasks.assign(f1=7.0)).shape == (6, 1)


def test_a_budget_beyond_what_was_seen_counts_as_the_nearest(repository, measured):
    tasks = repository.tasks.assign(samples=[500, 1000, 2000, 2000, 2000, 2000])
    design = Design.of(tasks, measured, repository.features, Compression(1.0))
    one = measured[measured["task"] == tasks["id"].iloc[0]]
    asked = [tasks.assign(samples=samples) for samples in (100, 500, 1000, 2000, 9900)]
    column = [design.rows(one, of).regime[0, 0] for of in asked]
    assert column == pytest.approx([-0.5, -0.5, 0.0, 0.5, 0.5])


def test_an_unknown_net_is_like_none(repository, measured):
    design = design_of(repository, measured)
    strange = design.rows(measured, repository.tasks.assign(net="other"))
    at = design.regime.names.index("net compact")
    assert (strange.regime[:, at] == 0).all()
    assert (design.rows(measured, repository.tasks).regime[:, at] > 0).all()


def test_compression_keeps_order_and_is_undone():
    compression = Compression(0.02)
    gains = np.array([-0.8, -0.01, 0.0, 0.01, 0.3])
    squeezed = compression.compress_gain(gains)
    assert (np.diff(squeezed) > 0).all()
    np.testing.assert_allclose(compression.decompress(squeezed), gains, atol=1e-15)
    step = 1e-7
    slope = (compression.compress_gain(gains + step) - squeezed) / step
    np.testing.assert_allclose(
        compression.compress_error(gains, np.full(5, 0.1)), 0.1 * slope, rtol=1e-4
    )
