"""What a decoder leaves open of a record, as correlated normal numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from ck4gen.models.weighted_moments import weighted_mean
from ck4gen.survival.design_axes import is_wide

MOST = 0.95  # correlation of two residuals
LEAST_DENSITY = 0.01  # a 0/1 entry of which the decoder is surer has next to nothing left open
LEAST_EIGENVALUE = 1e-3  # of a matrix of correlations that were found pair by pair


def residual_factor(
    record: Tensor, output: Tensor, weight: Tensor, groups: list[list[int]], joint: bool
) -> Tensor:
    """What turns independent normal numbers into residuals that vary together as real ones do.

    Args:
        record: (n, q) record.
        output: (n, q) what the decoder says of it.
        weight: (n,) weights of the rows.
        groups: Per column ``[start, stop, numeric]`` in the record.
        joint: Whether 0/1 entries vary with the numerics, and not alone. Categories always do.

    Returns:
        (q, q) float64 lower triangle: residuals of numerics, and normal numbers of variance 1 from
        which the others are drawn. Of very many numerics and fewer rows (q, m), with a column for
        each direction in which the residuals of numerics vary and for each entry of the others,
        which are drawn alone whatever ``joint`` says.
    """
    if is_wide(len(record), sum(numeric for *_, numeric in groups)):
        return _along_rows(record, output, weight, groups)
    single = {start: bool(numeric) for start, stop, numeric in groups if stop - start == 1}
    drawn = [start for start, numeric in single.items() if joint or numeric]
    drawn_entries = torch.tensor(drawn, dtype=torch.long)
    numeric = torch.tensor([single[start] for start in drawn])
    factor = torch.eye(record.shape[1], dtype=torch.float64)
    if not drawn:
        return factor
    residual = (record - output)[:, drawn_entries].cpu().double()  # some devices lack float64
    weight = weight.cpu().double()
    covariance = residual.T.cov(aweights=weight).reshape(len(drawn_entries), len(drawn_entries))
    if not numeric.all():
        probability = output[:, drawn_entries].cpu().double()
        covariance = _of_normals(covariance, probability, weight, numeric)
    ridge = torch.finfo(record.dtype).eps * torch.eye(len(drawn_entries))
    factor[drawn_entries[:, None], drawn_entries] = torch.linalg.cholesky(covariance + ridge)
    return factor


def _along_rows(record: Tensor, output: Tensor, weight: Tensor, groups: list[list[int]]) -> Tensor:
    """(q, m) factor of residuals that have fewer directions than entries."""
    numerics = [start for start, _, numeric in groups if numeric]
    others = sorted({*range(record.shape[1])} - {*numerics})
    residual = (record - output)[:, numerics].cpu().double()
    weight = weight.cpu().double()
    centred = residual - weighted_mean(residual, weight)
    spread = weight.sum() - weight.square().sum() / weight.sum()  # as of ``Tensor.cov``
    scaled = centred * (weight / spread).sqrt()[:, None]
    _, size, axes = torch.linalg.svd(scaled, full_matrices=False)
    factor = torch.zeros(record.shape[1], len(size) + len(others), dtype=torch.float64)
    factor[numerics, : len(size)] = axes.T * size
    factor[others, torch.arange(len(size), factor.shape[1])] = 1.0
    return factor


def _of_normals(covariance: Tensor, probability: Tensor, weight: Tensor, numeric: Tensor) -> Tensor:
    """Covariance of residuals, (k, k) -> that of the normal numbers behind them.

    A 0/1 entry is drawn as 1 where its normal number exceeds a bound. Its residual has the
    covariance r times the density at the bound with a normal number that correlates r with its own
    (Stein's lemma), and two 0/1 entries have r times the product of their densities, to first
    order. So each r is a covariance over a mean density: a Gaussian copula (our choice).
    """
    bound = torch.special.ndtri(probability.clamp(1e-6, 1 - 1e-6))
    density = torch.distributions.Normal(0.0, 1.0).log_prob(bound).exp().clamp_min(LEAST_DENSITY)
    density = torch.where(numeric, 1.0, density)
    sd = torch.where(numeric, covariance.diag().sqrt(), 1.0)
    mean = (weight[:, None] * density).T @ density / weight.sum()
    correlation = covariance / mean / sd[:, None] / sd
    correlation = correlation.clamp(-MOST, MOST).fill_diagonal_(1.0)
    values, vectors = torch.linalg.eigh(correlation)
    positive = (vectors * values.clamp_min(LEAST_EIGENVALUE)) @ vectors.T
    scale = sd / positive.diag().sqrt()
    return scale[:, None] * positive * scale
