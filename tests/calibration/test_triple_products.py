"""Third moments of a table beside those of its generator."""

from dataclasses import astuple, replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
import torch

from ck4gen import load
from ck4gen.calibration.condition import Condition, SyntheticTable
from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.triple_products import TripleProducts


@pytest.fixture(scope="module")
def real():
    cohort = load("actg320").cohort
    conditions = Conditions.of(cohort, {1: 0.0}, ["cox"], 20, 10, 10, 150)
    return SyntheticTable.of_real(conditions.analysis, cohort)


def test_they_are_the_means_of_all_products_that_say_something_new(real):
    design = np.clip(real.design.numpy(), -3, 3)  # no value counts beyond three SDs
    made = TripleProducts.of_generator(real.design)
    found = set(zip(made.first.tolist(), made.second.tolist(), made.third.tolist(), strict=True))
    binary = [len(np.unique(column)) == 2 for column in design.T]
    for i, j, k in combinations_with_replacement(range(design.shape[1]), 3):
        told = (i == j and binary[i]) or (j == k and binary[j])  # x * x follows from x
        product = design[:, i] * design[:, j] * design[:, k]
        assert ((i, j, k) in found) == (not told and product.std() > 1e-3)
    at = list(zip(made.first, made.second, made.third, strict=True))[7]
    product = np.prod([design[:, place] for place in at], axis=0)
    assert made.mean[7] == pytest.approx(product.mean())
    assert made.sd[7] == pytest.approx(product.std())


def test_errors_are_in_standard_errors_of_the_real_number_of_rows(real):
    """Tables of as many rows, drawn from the generator's own, are off by about one."""
    made, rows = TripleProducts.of_generator(real.design), len(real.design)
    generator = np.random.default_rng(0)
    squares = []
    for _ in range(40):
        drawn = real.design[generator.integers(0, rows, rows)]
        table = SyntheticTable(real.analysis, real.outcomes, drawn, torch.ones(rows).double())
        squares.append(made.errors(table).square())
    assert torch.stack(squares).mean().sqrt() == pytest.approx(1, abs=0.1)
    again = TripleProducts.from_state(made.to_state())
    assert torch.equal(again.errors(table), made.errors(table))


def test_slopes_in_closed_form_are_the_derivatives(real):
    made = TripleProducts.of_generator(real.design)
    few = TripleProducts(*(part[:40] for part in astuple(made)[:5]), made.rows)
    table = replace(real, weight=torch.linspace(0.5, 1.5, len(real.design)).double())
    automatic = Condition.slopes(few, table)
    torch.testing.assert_close(few.slopes(table), automatic, rtol=1e-8, atol=1e-10)


def test_sums_over_many_rows_are_those_of_all_at_once(real, monkeypatch):
    made = TripleProducts.of_generator(real.design)
    whole = made.errors(real)
    monkeypatch.setattr("ck4gen.calibration.triple_products.AT_ONCE", 100)
    torch.testing.assert_close(made.errors(real), whole)
