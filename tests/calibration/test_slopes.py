"""What one patient moves: closed forms beside automatic differentiation."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ck4gen import load
from ck4gen.calibration.condition import Condition, SyntheticTable
from ck4gen.calibration.conditions import Conditions
from ck4gen.calibration.cox_score import RiskSets
from ck4gen.calibration.rank_correlations import _interpolated

NAMES = ["cox", "univariable", "moments", "ranks", "periods", "interactions", "curves"]


@pytest.fixture(scope="module")
def real():
    """WHAS500 in whole months, so that times are tied, its rows weighted."""
    cohort = load("whas500").cohort
    months = cohort.table.assign(duration=(cohort.table["duration"] // 30 + 1).astype(int))
    weight = np.random.default_rng(0).gamma(4, 0.25, len(cohort))
    cohort = replace(cohort, table=months).weighted(weight)
    return cohort, Conditions.of(cohort, {1: 0.0}, NAMES, 20, 10, 10, 150)


@pytest.mark.parametrize("name", ["moments", "ranks", "interactions", "curves"])
def test_closed_forms_are_the_derivatives(real, name):
    cohort, conditions = real
    table = SyntheticTable.of_real(conditions.analysis, cohort)
    condition = conditions.kept[name]
    closed, automatic = condition.slopes(table), Condition.slopes(condition, table)
    assert closed.shape == automatic.shape
    torch.testing.assert_close(closed, automatic, rtol=1e-8, atol=1e-10)


def test_slopes_are_what_leaving_a_bit_of_a_patient_out_does(real):
    """Times are apart: how much of a tie has left does not follow its weights, by Efron's count."""
    cohort, conditions = real
    apart = cohort.table["duration"] + np.arange(len(cohort)) * 1e-6
    cohort = replace(cohort, table=cohort.table.assign(duration=apart))
    slopes = conditions.slopes(cohort)
    assert set(slopes) == set(NAMES)
    design = torch.from_numpy(conditions.analysis.standardise(cohort.design).to_numpy())
    errors = conditions.residuals(cohort.duration, cohort.cause)
    step = 1e-5
    for row in (3, 77, 400):
        sides = []
        for sign in (1, -1):
            weight = torch.from_numpy(cohort.weight.copy())
            weight[row] += sign * step
            sides.append(errors(design, weight))
        for name, of_row in slopes.items():
            found = (sides[0][name] - sides[1][name]).numpy() / (2 * step)
            np.testing.assert_allclose(of_row[row], found, rtol=1e-4, atol=1e-7)


def test_information_of_a_further_covariate_is_that_of_the_wider_model(real):
    cohort, conditions = real
    x = torch.from_numpy(conditions.analysis.standardise(cohort.design).to_numpy())
    beta = torch.from_numpy(conditions.analysis.coefficients.to_numpy())
    risk, weight = RiskSets(cohort.duration, cohort.event), torch.from_numpy(cohort.weight)
    added = torch.stack([x[:, 0] * x[:, 1], x[:, 2].exp()], 1)
    cross, own = risk.information_of(added, x, beta, weight)
    for at in range(2):
        wide = torch.cat([x, added[:, at : at + 1]], 1)
        whole = risk.products(wide, torch.cat([beta, beta.new_zeros(1)]), weight)[1]
        torch.testing.assert_close(cross[at], whole[-1, :-1])
        torch.testing.assert_close(own[at], whole[-1, -1])


def test_ranks_do_not_see_how_long_a_tail_is(real):
    """exp(2z) of a standardised numeric: its correlations change, those of its ranks hardly."""
    cohort, conditions = real
    table = SyntheticTable.of_real(conditions.analysis, cohort)
    tail = cohort.table.assign(bmi=np.exp(2 * (cohort.table["bmi"] - 27) / 5))
    made = Conditions.of(replace(cohort, table=tail), {1: 0.0}, NAMES, 20, 10, 10, 150)
    ranks = made.kept["ranks"].target - conditions.kept["ranks"].target
    plain = made.kept["moments"].correlation - conditions.kept["moments"].correlation
    assert ranks.abs().max() < 0.02
    assert plain.abs().max() > 0.1
    assert conditions.kept["ranks"].errors(table).abs().max() < 1e-9


def test_values_between_points_have_scores_between_and_ties_the_mean():
    points = torch.tensor([0.0, 1.0, 1.0, 3.0]).double()
    scores = torch.tensor([-1.0, 0.0, 0.5, 1.0]).double()
    x = torch.tensor([-5.0, 0.5, 1.0, 2.0, 9.0]).double().requires_grad_()
    found = _interpolated(x, points, scores)
    expected = torch.tensor([-1.0, -0.375, 0.25, 0.625, 1.0]).double()
    torch.testing.assert_close(found, expected)
    (slopes,) = torch.autograd.grad(found.sum(), x)
    assert slopes.tolist() == [0.0, 1.25, 1.25, 0.375, 0.0]


def test_means_within_strata_are_moments_whose_slopes_are_derivatives(real):
    cohort, _ = real
    columns = tuple(replace(c, stratum=c.name == "gender") for c in cohort.schema)
    cohort = replace(cohort, schema=replace(cohort.schema, columns=columns))
    conditions = Conditions.of(cohort, {1: 0.0}, ["cox", "moments"], 20, 10, 10, 150)
    table = SyntheticTable.of_real(conditions.analysis, cohort)
    moments = conditions.kept["moments"]
    assert moments.errors(table).abs().max() < 1e-9  # as they are in the real table
    within = moments.by_stratum.errors(replace(table, design=table.design + 0.1))
    assert within.abs().max() > 0.1 * np.sqrt(table.analysis.rows) * 0.1
    automatic = Condition.slopes(moments, table)
    torch.testing.assert_close(moments.slopes(table), automatic, rtol=1e-8, atol=1e-10)
    again = type(moments).from_state(moments.to_state())
    torch.testing.assert_close(again.errors(table), moments.errors(table))
