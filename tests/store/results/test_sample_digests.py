"""Digests of test samples are stored once for each fingerprint."""

import numpy as np

from sweeper.store import find_sample_digests, record_sample_digests

DIGESTS = np.array([0, 3, 2**63 + 5, 2**64 - 1], dtype=np.uint64)


def test_what_is_stored_is_found_and_stays(database):
    assert find_sample_digests(database, "a") is None
    record_sample_digests(database, "a", DIGESTS)
    record_sample_digests(database, "a", DIGESTS[:1])
    found = find_sample_digests(database, "a")
    assert found.dtype == np.uint64
    assert found.tolist() == DIGESTS.tolist()
    assert find_sample_digests(database, "b") is None
