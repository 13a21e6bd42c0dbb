"""A design of more terms than rows in its principal axes, of which there are no more than rows."""

from __future__ import annotations

import numpy as np

WIDE = 1000  # terms from which matrices of them by them take minutes; below it nothing is turned


def principal_axes(z: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """A design in its principal axes if it has more columns than rows; a ridge is the same there.

    Args:
        z: (n, p) standardised design.

    Returns:
        (n, r) design, r at most n, and the (p, r) axes that turn its coefficients into those of
        ``z``; ``z`` itself and None where p is at most n.
    """
    if z.shape[1] <= len(z):
        return z, None
    left, size, axes = np.linalg.svd(z, full_matrices=False)
    return left * size, axes.T


def row_axes(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same in axes that are no singular vectors, for a fifth of the time.

    Args:
        z: (n, p) standardised design, p above n.

    Returns:
        (n, n) design and (p, n) orthonormal axes.
    """
    axes, triangle = np.linalg.qr(z.T)
    return triangle.T, axes


def is_wide(rows: int, terms: int) -> bool:
    """Whether there are more terms than rows, and so many that they are better turned."""
    return terms > max(rows, WIDE)
