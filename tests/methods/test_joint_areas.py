"""What an attacker reads from all kept statistics, against the same by dense matrices."""

import numpy as np
import pytest
from scipy.stats import norm

from ck4gen.methods.ck4gen.cell_moves import CellMoves
from ck4gen.methods.ck4gen.joint_areas import joint_areas
from ck4gen.methods.ck4gen.kept_statistics import KeptStatistics, _shares


def kept_of(rows, knots, seed=0):
    """Models of many terms, shares of two columns up to knots, one with ties, and of two grids."""
    rng = np.random.default_rng(seed)
    column, ties, number = rng.standard_normal(rows), rng.integers(0, 5, rows), np.arange(rows)
    on_grids = np.column_stack([number % 2 == 0, number % 3 == 0])  # none holds the other
    inside = [
        column[:, None] <= np.quantile(column, np.linspace(0.05, 0.95, knots)),
        ties[:, None] <= np.arange(4),
        on_grids,
    ]
    tolerances = [1.0, 0.35, 0.7]
    of_shares = [
        one
        for name, who, tolerance in zip("abc", inside, tolerances, strict=True)
        for one in _shares(name, who, tolerance)
    ]
    model = rng.standard_normal((rows, knots)) / rows**0.5
    shape = np.column_stack([column**2 - 1, column * ties]) / rows**0.5
    return [KeptStatistics("m", model, 0.07), *of_shares, KeptStatistics("n", shape, 0.0)]


def by_hand(kept, weight, noise, share):
    """Gaussians of all statistics, the formula of :func:`joint_areas` as it is written."""
    added = weight[:, None] * np.hstack([one.influence for one in kept])
    tolerance = np.concatenate([[one.tolerance] * one.influence.shape[1] for one in kept])
    spread = added.T @ added
    noisy = noise**2 * spread + spread * np.outer(tolerance, tolerance)

    def leverage(covariance):
        return share * np.einsum(
            "nk,nk->n", added @ np.linalg.pinv(covariance, 1e-12, hermitian=True), added
        )

    def area(h, sd):
        return norm.cdf(np.sqrt(h / (2 - h)) / sd)

    return {
        "table": area(noise**2 * leverage(noisy), noise),
        "sampler": area(leverage(spread), noise),
        "bootstrap": area(leverage(spread), 1.0),
    }


@pytest.mark.parametrize(("rows", "knots"), [(400, 20), (60, 45), (20, 35)])
def test_areas_are_those_of_all_statistics_as_they_are(rows, knots):
    """Of fewer than patients, of nearly as many, and of more than twice as many."""
    kept = kept_of(rows, knots)
    weight = np.random.default_rng(1).uniform(0.2, 1.0, rows)
    found = joint_areas(kept, weight, 0.5, patients=2 * rows)
    assert found["table"].max() > 0.6
    for name, areas in by_hand(kept, weight, 0.5, 0.5).items():
        assert found[name] == pytest.approx(areas, abs=2e-6), name


def test_cells_hold_what_each_patient_adds():
    """Their products are those of shares up to neighbouring knots, less one another."""
    kept = [one for one in kept_of(300, knots=12) if one.inside is not None]
    weight = np.random.default_rng(2).uniform(0.2, 1.0, 300)
    moves = CellMoves.of(kept, weight)
    centred = [one.inside - one.inside.mean(0) for one in kept]
    steps = np.hstack([np.diff(one, prepend=0) for one in centred]) * weight[:, None]
    assert moves.spread() == pytest.approx(steps.T @ steps)
    assert moves.cells.nnz < 4 * 300  # few for each patient, however many knots there are


def test_a_patient_alone_in_a_cell_is_the_most_exposed():
    rows = 200
    below = np.arange(rows)[:, None] < np.array([1, 50, 100, 150])
    (shares,) = _shares("alone", below, 0.0)
    areas = joint_areas([shares], np.ones(rows), 0.5, rows)["table"]
    assert areas.argmax() == 0
    assert areas[0] > 0.97  # she is all of her cell: Phi(sqrt(h / (2 - h)) / noise), h near 1
    assert np.ptp(areas[1:50]) < 1e-6
