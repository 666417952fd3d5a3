import numpy as np

from sweeper.repository.meta_features.class_means import class_means, class_sums


def test_sums_and_means_of_each_class():
    vectors = np.array([[1.0, 2.0], [5.0, 0.0], [3.0, 4.0]])
    classes = np.array([2, 0, 2])
    sums, counts = class_sums(vectors, classes, 3)
    assert sums.tolist() == [[5, 0], [0, 0], [4, 6]]
    assert counts.tolist() == [1, 0, 2]
    assert class_means(vectors, classes, 3)[0].tolist() == [[5, 0], [0, 0], [2, 3]]
