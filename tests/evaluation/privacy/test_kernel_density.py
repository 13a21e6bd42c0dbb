"""Kernel densities are those of scipy."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from ck4gen.evaluation.privacy import kernel_density


@pytest.mark.parametrize("block", [1, 70, kernel_density.BLOCK])
def test_densities_are_those_of_scipy_and_equal_points_tie(block, monkeypatch):
    monkeypatch.setattr(kernel_density, "BLOCK", block)
    generator = np.random.default_rng(0)
    kernels = generator.normal(size=(60, 3)) @ generator.normal(size=(3, 3)) + 100
    points = generator.normal(size=(40, 3)) * 3 + 100
    points[0] = [1e3, -1e3, 0]  # where every kernel is 0 in floats
    points[30:] = points[:10]
    found = kernel_density.log_density(kernels, points)
    assert found == pytest.approx(gaussian_kde(kernels.T).logpdf(points.T), rel=1e-9)
    assert np.array_equal(found[30:], found[:10])


def test_kernels_in_a_subspace_are_refused():
    line = np.column_stack([np.arange(9.0), np.zeros(9)])
    with pytest.raises(np.linalg.LinAlgError):
        kernel_density.log_density(line, line)
