"""Heads: their density is that of what they draw, and they learn what pairs do not hold."""

import numpy as np
import pytest
import torch
from scipy import integrate

from ck4gen.models.record_heads import RecordHeads
from ck4gen.models.settings import HeadSettings

SETTINGS = HeadSettings(
    16, 0.1, 3, 0.05, decay_rows=0, learning_rate=0.01, steps=300, batch_size=None
)
GROUPS = [[0, 1, 0], [1, 2, 1], [2, 5, 0], [5, 6, 1]]


@pytest.fixture
def heads():
    torch.manual_seed(0)
    made = RecordHeads(SETTINGS, GROUPS, order=[3, 0, 2, 1])
    with torch.no_grad():  # mixtures with Gaussians that differ, in every head
        made.biases[2].normal_(0, 1)
    made.standardise(torch.full((6,), 0.4), torch.full((6,), 0.2))
    return made


def test_a_column_hangs_on_those_before_it_alone(heads):
    torch.manual_seed(1)
    output, record = torch.randn(1, 6), torch.rand(1, 6)
    record[:, 2:5] = torch.tensor([0.0, 1.0, 0.0])
    before = heads.log_likelihood(output, record)
    for head, (start, stop, _) in enumerate(heads.columns):
        other = record.clone()
        other[:, start:stop] = 1 - other[:, start:stop]
        moved = (heads.log_likelihood(output, other) != before)[0]
        assert not moved[:head].any()
        assert moved[head:].all()


@pytest.mark.parametrize("column", [0, 3])
def test_a_drawn_numeric_has_the_density_that_is_learnt(heads, column):
    """The share of draws below a value is the integral of the density up to it."""
    torch.manual_seed(2)
    rows = 40_000
    normal = torch.randn(rows, 6)
    output, place = torch.zeros(1, 6), heads.columns[column][0]
    same = normal[:1].repeat(rows, 1)  # the columns before are those of one row
    same[:, place] = normal[:, place]
    with torch.no_grad():
        first = heads.draw(output, normal[:1])
        drawn = heads.draw(output.repeat(rows, 1), same)[:, place].numpy()

    def density(value):
        record = first.clone()
        record[0, place] = value
        with torch.no_grad():
            likelihood = heads.log_likelihood(output, record)[0, column]
        return float(likelihood.exp() / heads.scale[place])

    for share in (0.1, 0.5, 0.9):
        value = float(np.quantile(drawn, share))
        area = integrate.quad(density, -6, value, limit=200)[0]
        assert area == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / rows))


def test_the_gradient_of_a_numeric_is_the_slope_of_its_quantile(heads):
    heads.double()
    said = torch.randn(5, 9, dtype=torch.double, generator=torch.Generator().manual_seed(3))
    normal = torch.linspace(-1, 1, 5, dtype=torch.double, requires_grad=True)
    heads._quantile(said, normal).sum().backward()
    step = 1e-2
    rise = (heads._quantile(said, normal + step) - heads._quantile(said, normal - step)).detach()
    assert normal.grad.numpy() == pytest.approx((rise / (2 * step)).numpy(), rel=0.05)


def test_they_learn_a_pattern_of_three_columns_whose_pairs_are_independent():
    """The third of three fair coins is the parity of the others: no covariance shows it."""
    torch.manual_seed(4)
    coins = torch.randint(0, 2, (200, 2)).float()
    record = torch.cat([coins, coins.sum(1, keepdim=True) % 2], 1)
    made = RecordHeads(SETTINGS, [[0, 1, 0], [1, 2, 0], [2, 3, 0]], order=[0, 1, 2])
    made.standardise(record.mean(0), record.std(0))
    output, optimizer = torch.zeros(200, 3), torch.optim.Adam(made.parameters(), 0.02)
    for _ in range(100):
        optimizer.zero_grad()
        (-made.log_likelihood(output, record).sum(1).mean()).backward()
        optimizer.step()
    with torch.no_grad():
        drawn = made.draw(torch.zeros(1000, 3), torch.randn(1000, 3))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert float((drawn.sum(1) % 2 == 0).float().mean()) > 0.95
    assert drawn[:, 0].mean().item() == pytest.approx(0.5, abs=0.07)
