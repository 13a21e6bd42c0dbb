"""Distribution functions of a table's numerics against those of its generator."""

import numpy as np
import pytest
import torch

from ck4gen.calibration import column_shares
from ck4gen.calibration.column_shares import SHARES, ColumnShares
from ck4gen.calibration.condition import SyntheticOutcomes, SyntheticTable

ROWS = 400


class Analysis:
    rows = ROWS


def table_of(design, weight=None):
    outcomes = SyntheticOutcomes(np.ones(len(design)), np.ones(len(design), int))
    counted = torch.ones(len(design)).double() if weight is None else weight
    return SyntheticTable(Analysis(), outcomes, design, counted)


@pytest.fixture
def condition():
    """Of a normal numeric, a 0/1 term and whole numbers from 1 to 4."""
    rng = np.random.default_rng(0)
    columns = rng.normal(size=20000), rng.integers(0, 2, 20000), rng.integers(1, 5, 20000)
    made = ColumnShares.of_generator(torch.from_numpy(np.stack(columns, 1).astype(float)))
    assert made is not None
    return made


def drawn(seed, rows=ROWS):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=rows), rng.integers(0, 2, rows), rng.integers(1, 5, rows)
    return torch.from_numpy(np.stack(columns, 1).astype(float))


def test_rows_are_counted_at_tenths_of_a_numeric_and_between_its_values(condition):
    assert condition.term.tolist() == [0] * 9 + [2] * 3
    assert condition.share[:9].numpy() == pytest.approx(SHARES, abs=1e-3)
    assert condition.cut[9:].tolist() == [1.5, 2.5, 3.5]
    assert condition.share[9:].numpy() == pytest.approx([0.25, 0.5, 0.75], abs=0.02)


def test_errors_are_those_of_shares_in_standard_errors(condition):
    design = drawn(1)
    share = (design[:, 0] < condition.cut[4]).double().mean()
    expected = (share - condition.share[4]) / torch.sqrt(torch.tensor(0.25 / ROWS))
    assert condition.errors(table_of(design))[4] == pytest.approx(expected.item(), rel=1e-4)
    sizes = [condition.errors(table_of(drawn(seed))).square().mean() for seed in range(60)]
    assert np.mean(sizes) == pytest.approx(1, abs=0.25)  # by chance alone: 60 times 4 or so free


def test_a_bunched_column_is_seen_though_its_mean_and_sd_stay(condition):
    even = torch.where(torch.arange(ROWS) % 2 == 0, 1.0, -1.0).double()
    design = torch.stack([even, drawn(2)[:, 1], drawn(2)[:, 2]], 1)
    errors = condition.errors(table_of(design))
    assert errors[:9].square().mean().sqrt() > 5


def test_slopes_are_the_derivatives_by_the_weights(condition):
    design, step = drawn(3, 50), 1e-6
    table = table_of(design)
    weight = torch.ones(50).double()
    weight[7] += step
    moved = condition.errors(table_of(design, weight)) - condition.errors(table)
    torch.testing.assert_close(condition.slopes(table)[7], moved / step, rtol=1e-4, atol=1e-6)


def test_steps_along_the_gradient_undo_a_bunch(condition):
    """Rows drawn too narrowly: the gradient spreads them until the shares are right."""
    design = drawn(4) * torch.tensor([0.6, 1, 1]).double()
    before = condition.errors(table_of(design)).square().mean().sqrt()
    for _ in range(200):
        design.requires_grad_()
        error = condition.errors(table_of(design)).square().mean().sqrt()
        (slope,) = torch.autograd.grad(error, design)
        assert (slope[:, 1] == 0).all()
        design = (design - 2.0 * slope).detach()
    assert before > 2 > 1 > condition.errors(table_of(design))[:9].square().mean().sqrt()


def test_a_design_of_two_values_has_no_shares_and_a_state_comes_back(condition):
    assert ColumnShares.of_generator(drawn(5)[:, 1:2]) is None
    again = ColumnShares.from_state(condition.to_state())
    assert torch.equal(again.errors(table_of(drawn(6))), condition.errors(table_of(drawn(6))))


def test_rows_without_gradient_are_counted_the_same_also_in_parts(condition, monkeypatch):
    design, weight = drawn(3), torch.rand(ROWS, generator=torch.Generator().manual_seed(0)).double()
    exact = condition.errors(table_of(design.clone().requires_grad_(), weight)).detach()
    assert torch.equal(condition.errors(table_of(design, weight)), exact)
    monkeypatch.setattr(column_shares, "AT_ONCE", 77)
    assert torch.allclose(condition.errors(table_of(design, weight)), exact, atol=1e-12)
