"""Very many terms of few rows: in the axes of the rows everything is as it is without them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from ck4gen.calibration.condition import Condition, SyntheticTable
from ck4gen.calibration.conditions import Conditions
from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.evaluation.privacy import attribute_inference, disco
from ck4gen.evaluation.privacy.attribute_inference import _without_each
from ck4gen.evaluation.privacy.worst_case import _squared
from ck4gen.guard.influence import column_influence, weight_leverages
from ck4gen.models.residual_factor import residual_factor
from ck4gen.survival import design_axes
from ck4gen.survival.cox import CoxFit, fit_cohort

ROWS, TERMS = 60, 90


@pytest.fixture(scope="module")
def cohort() -> WeightedCohort:
    """More terms than rows, times tied, rows weighted."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, TERMS)) @ (np.eye(TERMS) + 0.2) + rng.normal(size=TERMS)
    table = pd.DataFrame(x).add_prefix("x")
    table["duration"] = np.ceil(20 * rng.exponential(np.exp(-0.3 * x[:, 0])))
    table["event"] = (rng.random(ROWS) < 0.7).astype(int)
    schema = Schema(tuple(Column(f"x{k}", "numeric") for k in range(TERMS)))
    return WeightedCohort.of(table, schema).weighted(rng.gamma(4, 0.25, ROWS))


def both(monkeypatch, compute):
    """What is computed term by term, and in the axes of the rows."""
    dense = compute()
    monkeypatch.setattr(design_axes, "WIDE", TERMS // 2)
    return dense, compute()


PARTS = [
    "coefficients",
    "information",
    "covariance",
    "standard_errors",
    "score_residuals",
    "influence",
    "schoenfeld_residuals",
    "log_likelihood",
    "least_information",
    "cumulative_hazard_at_mean",
]


def test_a_model_in_axes_is_the_model(cohort, monkeypatch):
    dense, wide = both(monkeypatch, lambda: fit_cohort(cohort, 0.3))
    assert isinstance(wide, CoxFit)
    assert dense.axes is None
    assert wide.axes.shape == (TERMS, ROWS)
    for part in PARTS:
        expected = np.asarray(getattr(dense, part))
        scale = np.abs(expected).max()
        found = np.asarray(getattr(wide, part))
        np.testing.assert_allclose(found, expected, atol=1e-5 * scale, err_msg=part)


def test_conditions_in_axes_have_the_same_errors_and_slopes(cohort, monkeypatch):
    def conditions():
        return Conditions.of(cohort, {1: 0.3}, ["cox"], 20, 10, 10, TERMS - 1)

    with pytest.warns(UserWarning, match="held to cox alone"):
        dense, wide = both(monkeypatch, conditions)
    other = cohort.where(np.arange(ROWS) % 3 > 0)
    found = [
        c.residuals(other.duration, other.cause)(
            torch.from_numpy(c.analysis.standardise(other.design).to_numpy())
        )["cox"]
        for c in (dense, wide)
    ]
    torch.testing.assert_close(found[1], found[0], rtol=1e-6, atol=1e-6)
    table = SyntheticTable.of_real(wide.analysis, cohort)
    condition = wide.kept["cox"]
    automatic = Condition.slopes(condition, table)
    torch.testing.assert_close(condition.slopes(table), automatic, rtol=1e-8, atol=1e-10)
    again = Conditions.from_state(wide.to_state(), cohort.schema)
    assert again.analysis.least_information == wide.analysis.least_information


def test_what_a_patient_moves_is_the_same_by_the_products_of_patients(cohort, monkeypatch):
    influence = column_influence(cohort)
    gap = np.random.default_rng(0).normal(size=ROWS) @ influence
    dense, wide = both(
        monkeypatch,
        lambda: (
            weight_leverages(influence, cohort.weight),
            _squared(gap, influence, cohort.weight),
        ),
    )
    np.testing.assert_allclose(wide[0], dense[0], rtol=1e-5)
    assert wide[1] == pytest.approx(dense[1], rel=1e-5)


def test_residuals_along_the_rows_vary_as_the_residuals_do(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    record, output = torch.rand(2, ROWS, TERMS, generator=generator)
    record[:, -2:] = (record[:, -2:] > 0.5).float()
    weight = 0.5 + torch.rand(ROWS, generator=generator)
    groups = [[k, k + 1, int(k < TERMS - 2)] for k in range(TERMS)]
    dense, wide = both(
        monkeypatch, lambda: residual_factor(record, output, weight, groups, joint=False)
    )
    assert wide.shape == (TERMS, ROWS + 2)
    torch.testing.assert_close(wide @ wide.T, dense @ dense.T, rtol=1e-4, atol=1e-5)


def test_nearest_rows_in_all_other_columns_by_what_each_adds(monkeypatch):
    rng = np.random.default_rng(0)
    names = [f"x{k}" for k in range(6)]
    synthetic, targets = (
        {name: rng.integers(0, 3, (rows, 1)) / 2.0 for name in names} for rows in (50, 40)
    )
    truth = rng.normal(size=40)

    def success():
        return [
            rows.success(synthetic[name][:, 0], truth, 0.4)
            for name, rows in zip(names, _without_each(names, synthetic, targets), strict=True)
        ]

    dense = success()
    monkeypatch.setattr(attribute_inference, "WIDE", 5)
    np.testing.assert_allclose(success(), dense)
    assert np.std(dense) > 0.1


def test_disclosed_covariates_by_the_cells_in_which_rows_differ(monkeypatch):
    rng = np.random.default_rng(1)
    names = [f"x{k}" for k in range(4)]
    schema = Schema(tuple(Column(name, "binary") for name in names))
    tables = [pd.DataFrame(rng.integers(0, 2, (n, 4)), columns=names) for n in (30, 12)]
    privacy = SimpleNamespace(keys=[], key_bands=5)
    audited = SimpleNamespace(
        settings=SimpleNamespace(privacy=privacy),
        schema=schema,
        synthetic=tables[1],
        real=tables[0],
    )
    expected = disco._hits(audited, tables[0])
    assert 0.05 < expected[1].mean() < 0.95
    monkeypatch.setattr(disco, "WIDE", 3)
    found = disco._hits(audited, tables[0])
    assert found[0] == expected[0]
    np.testing.assert_array_equal(found[1], expected[1])
