"""How much each way of weighing the tasks counts: what would have predicted left-out sources best.

Stacking (Wolpert 1992; Breiman 1996, with weights that are not negative and sum to 1).
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from sweeper.repository.surrogates.coordinates import FloatArray


def stacking_weights(errors: Sequence[FloatArray], weight: FloatArray) -> FloatArray:
    """Return the weights of the members that minimize the squared error of their average.

    Args:
        errors: of each member, measured minus predicted, ``[T, n]``.
        weight: of each error, ``[T, n]``.

    Returns:
        ``[members]``, not negative, summing to 1. Exact: the best of all subsets of members.
    """
    root = np.sqrt(weight).ravel()
    scaled = np.stack([each.ravel() * root for each in errors])
    gram = scaled @ scaled.T
    number = len(gram)
    # Of members that predict the same, any average is as good: a trace of the simplest decides.
    gram = gram + 1e-9 * max(float(np.trace(gram)), 1e-300) * np.diag(np.arange(1, number + 1))
    best, least = np.eye(number)[0], np.inf
    for size in range(1, number + 1):
        for members in map(list, combinations(range(number), size)):
            solved = np.linalg.solve(gram[np.ix_(members, members)], np.ones(size))
            share = solved / solved.sum()
            if (share < 0).any():
                continue
            loss = float(share @ gram[np.ix_(members, members)] @ share)
            if loss < least * (1 - 1e-12):
                least, best = loss, np.zeros(number)
                best[members] = share
    return np.asarray(best)
