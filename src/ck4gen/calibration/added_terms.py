"""Terms added to the model of the real table, each alone: what its own terms explain of them."""

from __future__ import annotations

import torch
from torch import Tensor

from ck4gen.calibration.condition import RealCohort
from ck4gen.models.weighted_moments import weighted_variance
from ck4gen.survival.newton import MAX_STANDARD_ERROR

ALIASED = 1e-9  # eigenvalues below this share of the largest one belong to aliased terms


def explained(real: RealCohort, added: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The information of the model with each of some further terms.

    Args:
        real: The real rows and their model.
        added: (n, q) further terms.

    Returns:
        (q, p) slopes of their scores on those of the model's terms, (q,) what turns a score per
        row into standard errors of the coefficient, (q,) whether that coefficient has an estimate.
    """
    table = real.table
    beta = torch.from_numpy(real.analysis.coefficients.to_numpy())
    # a ridge allows aliased terms; their slopes are then the shortest ones
    inverse = torch.linalg.pinv(table.products[1], rtol=ALIASED, hermitian=True)
    cross, added_information = table.outcomes.whole.information_of(
        added, table.design, beta, table.weight
    )
    slopes = cross @ inverse
    left_over = added_information - (slopes * cross).sum(1)
    scale = len(real.cohort) / left_over.clamp_min(0).sqrt()
    return slopes, scale, left_over * MAX_STANDARD_ERROR**2 > weighted_variance(added, table.weight)
