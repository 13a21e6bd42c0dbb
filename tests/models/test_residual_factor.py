"""What a decoder leaves open of a record, drawn as it varies together in the cohort."""

import numpy as np
import pytest
import torch

from ck4gen.models.residual_factor import residual_factor
from ck4gen.models.synthnet import SynthNet

GROUPS = [[0, 1, 1], [1, 2, 0], [2, 5, 0], [5, 6, 0], [6, 7, 1]]  # numeric, 0/1, category, ...


def cohort(rows=40_000):
    """Records around known outputs, whose residuals correlate 0.6 behind the single entries."""
    generator = torch.Generator().manual_seed(0)
    behind = torch.full((4, 4), 0.6).fill_diagonal_(1.0)
    normal = torch.randn(rows, 4, generator=generator) @ torch.linalg.cholesky(behind).T
    output = 0.1 + 0.6 * torch.rand(rows, 7, generator=generator)
    record = torch.zeros(rows, 7)
    level = torch.randint(2, 5, (rows,), generator=generator)
    record[torch.arange(rows), level] = 1.0
    for entry, drawn, numeric in zip((0, 1, 5, 6), normal.T, (1, 0, 0, 1), strict=True):
        bound = torch.special.ndtri(1 - output[:, entry])
        record[:, entry] = output[:, entry] + 0.1 * drawn if numeric else (drawn > bound).float()
    weight = 0.5 + torch.rand(rows, generator=generator)
    return record, output, weight


def test_a_drawn_record_varies_as_the_records_do():
    record, output, weight = cohort()
    factor = residual_factor(record, output, weight, GROUPS, joint=True)
    covariance = (factor @ factor.T).numpy()
    sd = np.sqrt(covariance.diagonal())
    assert sd == pytest.approx([0.1, 1, 1, 1, 1, 1, 0.1], rel=0.02)
    correlation = covariance / sd / sd[:, None]
    single = [0, 1, 5, 6]
    off = ~np.eye(4, dtype=bool)
    # two 0/1 entries are right to first order
    np.testing.assert_allclose(correlation[np.ix_(single, single)][off], 0.6, atol=0.08)
    assert not correlation[2:5, single].any()


def test_alone_each_binary_is_drawn_from_noise_of_its_own():
    record, output, weight = cohort(2000)
    factor = residual_factor(record, output, weight, GROUPS, joint=False)
    binary = [1, 2, 3, 4, 5]
    assert torch.equal(factor[binary], torch.eye(7).double()[binary])
    residual = (record - output)[:, [0, 6]].double().numpy()
    expected = np.cov(residual.T, aweights=weight.double().numpy())
    np.testing.assert_allclose(
        (factor @ factor.T)[[0, 0, 6], [0, 6, 6]], expected[[0, 0, 1], [0, 1, 1]], rtol=1e-4
    )


def test_a_decoder_draws_a_binary_and_a_numeric_together():
    torch.manual_seed(0)
    network = SynthNet(2, [4], "elu", [[0, 1, 1], [1, 2, 0]])
    latent, normal = torch.zeros(20_000, 2), torch.randn(20_000, 2)
    for wanted in (0.0, 0.8):
        factor = torch.linalg.cholesky(torch.tensor([[1.0, wanted], [wanted, 1.0]]))
        with torch.no_grad():
            numeric, binary = network.draw(latent, normal, factor).T
            share = network(latent)[0, 1]
        assert binary.mean() == pytest.approx(float(share), abs=0.02)
        found = np.corrcoef(numeric, binary)[0, 1]
        density = torch.distributions.Normal(0.0, 1.0).log_prob(torch.special.ndtri(share)).exp()
        expected = wanted * density / (share * (1 - share)).sqrt()
        assert found == pytest.approx(float(expected), abs=0.03)
