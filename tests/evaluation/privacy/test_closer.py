import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from ck4gen.evaluation.privacy.distances import distances
from ck4gen.evaluation.privacy.holdout_distance import HoldoutDistance, NeighbourLists


def by_cuts(real, synthetic, holdout, cuts, generator):
    """The definition: the larger table cut at random, ties 1/2, averaged over cuts."""
    rows = min(len(real), len(holdout))
    found = []
    for _ in range(cuts):
        nearest = []
        for table in (real, holdout):
            kept = table[generator.permutation(len(table))[:rows]]
            nearest.append(np.abs(synthetic[:, None, :] - kept[None]).sum(-1).min(1))
        found.append(np.mean(nearest[0] < nearest[1]) + np.mean(nearest[0] == nearest[1]) / 2)
    return np.mean(found), np.std(found) / np.sqrt(cuts)


@pytest.mark.parametrize(("trained", "held"), [(70, 30), (40, 60)])
@pytest.mark.parametrize("coarse", [False, True])
def test_closed_form_is_the_mean_over_cuts(quick, trained, held, coarse):
    generator = np.random.default_rng(1)
    tables = [generator.normal(size=(rows, 1)) for rows in (trained, 80, held)]
    if coarse:  # half the rows tie
        tables = [table.round(0) for table in tables]
    test = HoldoutDistance(*tables, quick.privacy, 0.95)
    expected, error = by_cuts(*tables, 2000, generator)
    assert test.metric()["privacy/closer_to_train"].value == pytest.approx(expected, abs=4 * error)


def test_a_hidden_copy_by_hand():
    """Pool 0, 1, 2 (trained) and 9 (held out): of a copy of 0 a cut to one row keeps 0, 1 or 2.

    All of them are nearer than 9. A copy of 8 is nearer to 9.
    """
    pool = np.array([[0.0], [1.0], [2.0], [9.0]])
    few = np.array([False, False, False, True])
    lists = NeighbourLists(pool, np.array([[0.0], [8.0], [5.5]]), 0.25)
    # 5.5: 2 and 9 tie; one of three cuts keeps 2, which is a half
    assert lists.nearer(few) == pytest.approx([1, 0, 1 / 6])


def test_ratio_of_two_equal_neighbours_is_one(quick):
    real = np.array([[0.0], [0.0], [4.0], [5.0]])
    found = distances(real, real[:2], np.array([[1.0], [6.0]]), quick.privacy, 0.95)
    assert found["privacy/nndr"].value == 1
    assert found["privacy/dcr_ratio"].value == 0


@pytest.mark.slow
def test_memory_stays_bounded(quick):
    """Blocks, not all pairs: 20,000 x 20,000 distances alone would be 3.2 GB."""
    generator = np.random.default_rng(0)
    tables = [generator.normal(size=(rows, 5)) for rows in (14_000, 14_000, 6_000)]
    tracemalloc.start()
    try:
        HoldoutDistance(*tables, replace(quick.privacy, permutations=20), 0.95).metric()
        distances(*tables, replace(quick.privacy, bootstraps=20), 0.95)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200 * 2**20
