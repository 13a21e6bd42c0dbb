"""The Cox score and the estimating equations built on it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sksurv.linear_model.coxph import CoxPHOptimizer

from ck4gen.calibration.conditions import KINDS, Conditions
from ck4gen.calibration.cox_conditions import CoxConditions
from ck4gen.calibration.cox_score import RiskSets
from ck4gen.calibration.settings import CONDITIONS
from ck4gen.data.benchmarks.flchain import FLChainDataModule
from ck4gen.data.benchmarks.gbsg2 import GBSG2DataModule
from ck4gen.data.schema import DURATION, EVENT, Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.cox import fit_cox
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.risk_sets import RiskSets as AtRisk


@pytest.fixture(scope="module")
def gbsg2():
    data = GBSG2DataModule(coding="raw")
    data.setup()
    return data


def tied_cohort(seed=0, rows=80):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, 3))
    return x, generator.integers(0, 12, rows).astype(float), generator.integers(0, 2, rows)


def test_score_with_ties_is_that_of_scikit_survival():
    x, duration, event = tied_cohort()
    theirs = CoxPHOptimizer(x, event.astype(bool), duration, np.zeros(3), "efron")
    for beta in (np.zeros(3), np.array([0.3, -0.7, 1.1])):
        theirs.update(beta)
        ours = RiskSets(duration, event).score(torch.from_numpy(x), torch.from_numpy(beta))
        np.testing.assert_allclose(ours, -theirs.gradient * len(x), atol=1e-10)


def test_weights_of_zero_and_one_are_the_score_of_the_subset():
    x, duration, event = tied_cohort(1)
    beta, inside = torch.tensor([0.2, 0.1, -0.4], dtype=torch.float64), x[:, 0] > 0
    weight = torch.from_numpy(inside.astype(float))
    whole = RiskSets(duration, event).score(torch.from_numpy(x), beta, weight)
    part = RiskSets(duration[inside], event[inside]).score(torch.from_numpy(x[inside]), beta)
    assert torch.allclose(whole, part, atol=1e-10)


def test_every_condition_holds_in_the_real_table(gbsg2):
    assert tuple(KINDS) == CONDITIONS
    # it has no levels, causes and blanks; triples and shares are those of a generator
    others = ("strata", "causes", "complete_cases", "triples", "shares")
    names = [name for name in CONDITIONS if name not in others]
    conditions = Conditions.of(gbsg2.cohort, {1: 0.0}, names, 20, 10, 10, 150)
    design = conditions.analysis.standardise(gbsg2.schema.design(gbsg2.train)).to_numpy()
    outcome = gbsg2.train[DURATION].to_numpy(float), gbsg2.train[EVENT].to_numpy()
    errors = conditions.residuals(*outcome)(torch.from_numpy(design))
    assert set(errors) == set(names)
    for name, error in errors.items():
        assert error.abs().max() < 2e-3, name


def test_errors_are_what_a_refit_finds(gbsg2):
    """With 40 patients replaced, ``cox`` is the refitted difference to first order."""
    conditions = Conditions.of(gbsg2.cohort, {1: 0.0}, ["cox"], 20, 10, 10, 150)
    rows = gbsg2.train.copy()
    rows.iloc[:40] = gbsg2.train.iloc[40:80]
    z = conditions.analysis.standardise(gbsg2.schema.design(rows))
    outcome = rows[DURATION].to_numpy(float), rows[EVENT].to_numpy()
    predicted = conditions.residuals(*outcome)(torch.from_numpy(z.to_numpy()))["cox"].numpy()
    fit = fit_cox(z, rows[DURATION], rows[EVENT])
    found = (
        (fit.coefficients - conditions.analysis.coefficients) / conditions.analysis.errors
    ).to_numpy()
    assert np.abs(found).max() > 0.2
    assert np.abs(predicted - found).max() < 0.2 * np.abs(found).max()


def test_errors_around_a_fit_are_what_a_refit_finds_where_terms_nearly_follow_from_each_other():
    """Two terms are nearly the same in reality, less so in the table: its information counts."""

    def table(differing, seed):
        rng = np.random.default_rng(seed)
        first = rng.normal(size=400)
        second = first + differing * rng.normal(size=400)
        times = rng.exponential(np.exp(0.5 * second))
        event = (times < 2).astype(int)
        columns = {"a": first, "b": second, DURATION: np.minimum(times, 2), EVENT: event}
        return pd.DataFrame(columns)

    schema = Schema((Column("a", "numeric"), Column("b", "numeric")))
    conditions = Conditions.of(
        WeightedCohort.of(table(0.1, 0), schema), {1: 0.0}, ["cox"], 20, 10, 10, 150
    )
    analysis, rows = conditions.analysis, table(0.3, 1)
    z = analysis.standardise(schema.design(rows))
    fit = fit_cox(z, rows[DURATION], rows[EVENT])
    found = ((fit.coefficients - analysis.coefficients) / analysis.errors).to_numpy()
    apart = {}
    for name, held in (
        ("real", conditions),
        ("refit", conditions.around(fit.covariance * len(rows))),
    ):
        errors = held.residuals(rows[DURATION].to_numpy(), rows[EVENT].to_numpy())
        predicted = errors(torch.from_numpy(z.to_numpy()))["cox"].numpy()
        apart[name] = np.abs(predicted - found).max() / np.abs(found).max()
    assert apart["real"] > 1
    assert apart["refit"] < 0.2


def test_errors_of_the_censored_are_what_a_refit_finds(gbsg2):
    """With 40 patients replaced, as above, the event being that a patient is censored."""
    conditions = Conditions.of(gbsg2.cohort, {1: 0.0}, ["cox", "censored"], 20, 10, 10, 150)
    rows = gbsg2.train.copy()
    rows.iloc[:40] = gbsg2.train.iloc[40:80]
    sides = []
    for table in (gbsg2.train, rows):
        z = conditions.analysis.standardise(gbsg2.schema.design(table))
        sides.append(fit_cox(z, table[DURATION], 1 - table[EVENT]))
    found = (sides[1].coefficients - sides[0].coefficients) / sides[0].standard_errors
    outcome = rows[DURATION].to_numpy(float), rows[EVENT].to_numpy()
    errors = conditions.residuals(*outcome)(torch.from_numpy(z.to_numpy()))
    predicted = errors["censored"].numpy()
    assert found.abs().max() > 0.2
    assert np.abs(predicted - found.to_numpy()).max() < 0.2 * found.abs().max()


def test_a_stratum_with_nobody_at_risk_has_finite_gradients():
    x, duration, event = tied_cohort(2)
    design = torch.from_numpy(x).requires_grad_()
    late = torch.from_numpy((duration > 9).astype(float))  # none at risk among the first events
    risk = RiskSets(duration, event)
    risk.score(design, torch.zeros(3, dtype=torch.float64), 1 - late).sum().backward()
    assert design.grad.isfinite().all()


@pytest.mark.slow
def test_a_penalised_teacher_has_its_own_equation():
    data = FLChainDataModule()
    data.setup()
    penalised = Conditions.of(data.cohort, {1: 0.1}, ["cox"], 20, 10, 10, 150)
    z = penalised.analysis.standardise(data.schema.design(data.train))
    outcome = data.train[DURATION].to_numpy(float), data.train[EVENT].to_numpy()
    design = torch.from_numpy(z.to_numpy())
    assert penalised.residuals(*outcome)(design)["cox"].abs().max() < 1e-2
    plain = Conditions.of(data.cohort, {1: 0.0}, ["cox"], 20, 10, 10, 150)
    shrunk = plain.analysis.coefficients - penalised.analysis.coefficients
    assert shrunk.abs().max() > 0.1
    assert isinstance(shrunk, pd.Series)


def test_no_product_is_of_a_few_patients(gbsg2):
    """A product of a 0/1 term is about the patients at its level, also times a numeric."""
    names = gbsg2.schema.design_names
    [treatment] = gbsg2.schema["horTh"].design_names
    place, numeric = names.index(treatment), names.index("age")
    kept = {}
    for few in (19, 20):
        treated = np.where(np.arange(len(gbsg2.train)) < few, "yes", "no")
        train = gbsg2.train.assign(horTh=treated)
        found = Conditions.of(
            WeightedCohort.of(train, gbsg2.schema), {1: 0.0}, ["interactions"], 20, 10, 10, 150
        )
        found = found.kept["interactions"]
        kept[few] = {frozenset(pair) for pair in zip(found.left, found.right, strict=True)}
    assert not any(place in pair for pair in kept[19])
    assert {place, numeric} in kept[20]
    assert kept[19] <= kept[20]


@pytest.mark.parametrize("some", [False, True])
def test_the_penalised_equation_is_that_of_a_refit_whose_sds_are_others(gbsg2, some):
    """Lifelines scales terms by the table that it is given; so do equation and information."""
    conditions = Conditions.of(gbsg2.cohort, {1: 0.1}, ["cox", "information"], 20, 10, 10, 150)
    z = conditions.analysis.standardise(gbsg2.schema.design(gbsg2.train)) * 1.5
    rows = gbsg2.train[EVENT].index % 3 > 0 if some else np.full(len(z), True)
    duration, event = gbsg2.train[DURATION], gbsg2.train[EVENT]
    fit = fit_cox(z[rows], duration[rows], event[rows], 0.1)
    beta = torch.from_numpy(fit.coefficients.to_numpy())
    [cox] = conditions.kept["cox"].models
    conditions = replace(
        conditions,
        analysis=replace(conditions.analysis, coefficients=fit.coefficients),
        kept=conditions.kept
        | {"cox": CoxConditions([replace(cox, coefficients=beta, pull=0.1 * beta)])},
    )
    weight = torch.from_numpy(rows.astype(float)) if some else None
    errors = conditions.residuals(duration.to_numpy(float), event.to_numpy())
    found = errors(torch.from_numpy(z.to_numpy()), weight)
    assert found["cox"].abs().max() < 1e-2
    white, upper = conditions.kept["information"].whitening.numpy(), np.triu_indices(len(beta))
    gap = white @ (fit.information / rows.sum()) @ white.T - np.eye(len(beta))
    expected = np.sqrt(conditions.analysis.events / 2) * gap[upper]
    np.testing.assert_allclose(found["information"], expected, atol=1e-3)


def test_information_and_scores_of_products_with_ties_are_those_of_scikit_survival():
    x, duration, event = tied_cohort(3)
    beta = np.array([0.3, -0.7, 1.1])
    rows = torch.from_numpy(x), torch.from_numpy(beta)
    score, information, products, residuals = RiskSets(duration, event).products(*rows)
    assert torch.equal(score, RiskSets(duration, event).score(*rows))
    wide = np.column_stack([x, x[:, 0] * x[:, 2], x[:, 1] ** 2])
    theirs = CoxPHOptimizer(wide, event.astype(bool), duration, np.zeros(5), "efron")
    theirs.update(np.append(beta, [0, 0]))
    np.testing.assert_allclose(information, theirs.hessian[:3, :3] * len(x), atol=1e-9)
    np.testing.assert_allclose(residuals.numpy() @ wide, -theirs.gradient * len(x), atol=1e-9)
    found = products[[0, 2, 1], [2, 0, 1]]
    np.testing.assert_allclose(found, -theirs.gradient[[3, 3, 4]] * len(x), atol=1e-9)
    inside = x[:, 1] > 0
    weighted = RiskSets(duration, event).products(*rows, torch.from_numpy(inside.astype(float)))
    part = RiskSets(duration[inside], event[inside]).products(rows[0][inside], rows[1])
    assert not weighted[-1][~torch.from_numpy(inside)].any()
    for whole, alone in zip((*weighted[:-1], weighted[-1][inside]), part, strict=True):
        assert torch.allclose(whole, alone, atol=1e-9)


@pytest.mark.slow
def test_errors_of_interactions_are_what_refits_with_the_products_find(gbsg2):
    """Also where some rows count only: they are those of a table of these rows."""
    names, inside = ["interactions"], gbsg2.train.index % 8 > 0
    conditions = Conditions.of(gbsg2.cohort, {1: 0.0}, names, 20, 10, 10, 150)
    real, some = (
        conditions.analysis.standardise(gbsg2.schema.design(rows))
        for rows in (gbsg2.train, gbsg2.train[inside])
    )
    errors = conditions.residuals(
        gbsg2.train[DURATION].to_numpy(float), gbsg2.train[EVENT].to_numpy()
    )
    weight = torch.from_numpy(inside.astype(float))
    predicted = errors(torch.from_numpy(real.to_numpy()), weight)["interactions"].numpy()
    found, kept = [], conditions.kept["interactions"]
    for pair in zip(kept.left, kept.right, strict=True):
        fits = []
        for z in (real, some):
            wide = z.assign(product=z.iloc[:, list(pair)].prod(axis=1))
            outcome = gbsg2.train.loc[z.index]
            fits.append(fit_cox(wide, outcome[DURATION], outcome[EVENT]))
        gap = fits[1].coefficients["product"] - fits[0].coefficients["product"]
        found.append(gap / fits[0].standard_errors["product"])
    assert len(found) > 20
    assert np.abs(found).max() > 0.5
    assert np.corrcoef(predicted, found)[0, 1] > 0.9
    assert np.abs(predicted - found).mean() < 0.3 * np.abs(found).mean()


def test_targets_of_curves_are_the_z_values_of_refits_with_the_bends(gbsg2):
    conditions = Conditions.of(gbsg2.cohort, {1: 0.0}, ["curves"], 20, 10, 10, 150)
    curves, z = conditions.kept["curves"], conditions.analysis.standardise(gbsg2.cohort.design)
    found = []
    for place, knot in zip(curves.terms, curves.knots.tolist(), strict=True):
        bend = (z.iloc[:, place] - knot).clip(lower=0)
        assert min((bend > 0).sum(), (bend == 0).sum()) >= 20
        fit = fit_cox(z.assign(bend=bend), gbsg2.train[DURATION], gbsg2.train[EVENT])
        found.append(fit.coefficients["bend"] / fit.standard_errors["bend"])
    assert len(found) > 12
    assert np.abs(found).max() > 4
    np.testing.assert_allclose(curves.scale * curves.target, found, atol=0.6)
    assert np.corrcoef(curves.scale * curves.target, found)[0, 1] > 0.99


def test_a_numeric_of_two_values_has_no_curve(gbsg2):
    """Its bends are straight."""
    two = gbsg2.train.assign(age=np.where(gbsg2.train["age"] > 50, 60, 40))
    names = gbsg2.schema.design_names
    cohorts = [gbsg2.cohort, WeightedCohort.of(two, gbsg2.schema)]
    with_age = [
        names.index("age")
        in Conditions.of(cohort, {1: 0.0}, ["curves"], 20, 10, 10, 150).kept["curves"].terms
        for cohort in cohorts
    ]
    assert with_age == [True, False]


@pytest.mark.parametrize("given", ["strata", "entry", "both"])
def test_strata_and_delayed_entry_are_those_of_the_cox_models(given):
    """Score, information and score residuals against the engine that lifelines checks."""
    x, duration, event = tied_cohort(2, 150)
    generator = np.random.default_rng(3)
    strata = None if given == "entry" else generator.integers(0, 4, 150)
    entry = None if given == "strata" else duration - generator.integers(1, 8, 150)
    beta = np.array([0.3, -0.7, 1.1])
    ours = RiskSets(duration, event, strata, entry)
    design, coefficients = torch.from_numpy(x), torch.from_numpy(beta)
    plain = PartialLikelihood(AtRisk(duration, event, None, strata, entry), x)
    point = plain.at(beta)
    score, information, *_ = ours.products(design, coefficients)
    np.testing.assert_allclose(score, point.score, atol=1e-9)
    np.testing.assert_allclose(information, point.information, atol=1e-9)
    np.testing.assert_allclose(ours.score(design, coefficients), point.score, atol=1e-9)
    weight = generator.gamma(4, 0.25, 150)
    apart = duration + np.arange(150) * 1e-6  # ties of unequal weights are another matter
    unequal = PartialLikelihood(AtRisk(apart, event, weight, strata, entry), x)
    ours = RiskSets(apart, event, strata, entry)
    given_weight = design, coefficients, torch.from_numpy(weight)
    np.testing.assert_allclose(ours.score(*given_weight), unequal.at(beta).score, atol=1e-9)
    residuals = ours.score_residuals(design, *given_weight).numpy() * weight[:, None]
    np.testing.assert_allclose(residuals, unequal.score_residuals(beta), atol=1e-9)
