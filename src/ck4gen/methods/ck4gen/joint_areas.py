"""What an attacker reads from all statistics together that a sampler keeps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ck4gen.guard.influence import area_under_curve, leverages
from ck4gen.methods.ck4gen.cell_moves import CellMoves
from ck4gen.methods.ck4gen.kept_statistics import KeptStatistics
from ck4gen.survival.design_axes import WIDE


def joint_areas(
    kept: list[KeptStatistics], weight: np.ndarray, noise: float, patients: int
) -> dict[str, np.ndarray]:
    """(n,) areas under the curve of an attacker who reads all kept statistics together.

    By Gaussians with the covariance of the guard's noise and of the tolerances.

    Args:
        kept: The statistics.
        weight: (n,) weights of the patients before any noise.
        noise: The guard's.
        patients: All patients of the cohort, of whom these n are some; their statistics have as
            many more patients behind them.

    Returns:
        Areas for a table (``table``), for the file of the sampler, which holds the statistics
        without a tolerance (``sampler``), and for a bootstrap's table (``bootstrap``).
    """
    leverage: Callable[[np.ndarray], np.ndarray]
    if sum(statistics.influence.shape[1] for statistics in kept) > 2 * len(weight):
        added, tolerated = (_by_products if len(kept) > WIDE else _by_axes)(kept, weight)
        leverage = partial(leverages, added, np.ones(len(added)))
        spread, tolerance = added.T @ added, tolerated.T @ tolerated
    else:
        moves = CellMoves.of(kept, weight)
        leverage, spread = moves.leverages, moves.spread()
        tolerance = spread * np.outer(moves.tolerances, moves.tolerances)
    noise = max(noise, 1e-6)
    share = len(weight) / patients
    sampler = share * leverage(spread)
    table = share * noise**2 * leverage(noise**2 * spread + tolerance)
    return {
        "table": area_under_curve(table, noise),
        "sampler": area_under_curve(sampler, noise),
        "bootstrap": area_under_curve(sampler, 1.0),
    }


def _by_axes(kept: list[KeptStatistics], weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, n) what each patient adds to all statistics, and that times their tolerances.

    The same lengths and angles in as few dimensions as there are.
    """
    rows = len(weight)
    added = weight * np.hstack([statistics.influence for statistics in kept]).T
    tolerances = np.concatenate([[k.tolerance] * k.influence.shape[1] for k in kept])
    triangle = np.linalg.qr(np.hstack([added, added * tolerances[:, None]])).R
    return triangle[:, :rows].T, triangle[:, rows:].T


def _by_products(kept: list[KeptStatistics], weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same by the products of patients: all at once would take gigabytes."""
    rows = len(weight)
    products = np.zeros((2 * rows, 2 * rows))
    for statistics in kept:
        added = weight[:, None] * statistics.influence
        scales = np.array([1.0, statistics.tolerance])
        products += np.kron(np.outer(scales, scales), added @ added.T)
    sizes, axes = np.linalg.eigh(products)
    moved = axes * np.sqrt(sizes.clip(min=0))
    return moved[:rows], moved[rows:]
