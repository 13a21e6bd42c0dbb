from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from ck4gen.data.schema import Column, Schema
from ck4gen.evaluation.privacy.audit import privacy_metrics
from ck4gen.evaluation.privacy.copies import NO_HOLDOUT
from ck4gen.evaluation.privacy.high_risk_patients import _dfbeta, high_risk_patients
from ck4gen.evaluation.privacy.small_cells import small_cell_count, small_cells
from ck4gen.survival.cox_data import cox_data


def test_leverage_ranks_patients_as_leaving_them_out_does(simulated):
    make, schema = simulated
    real = make(120, 3)
    influence = _dfbeta(real, real, schema)
    full = cox_data(real, real, schema).fit()
    rows = [*np.argsort(influence)[-5:], *np.argsort(influence)[:5]]
    exact = []
    for row in rows:
        fit = cox_data(real.drop(index=row), real, schema).fit()
        change = (fit.coefficients - full.coefficients).abs() / full.standard_errors
        exact.append(change.max())
    # dfbeta is the first-order change: large ones fall short of the exact change by a little
    assert influence[rows][:5] == pytest.approx(exact[:5], rel=0.35)
    assert min(exact[:5]) > 3 * max(exact[5:])


def test_dfbeta_is_that_of_lifelines(whas500):
    real, schema = whas500
    data = cox_data(real, real, schema)
    z = data.design / data.design.std()  # lifelines' residuals are right on terms of SD 1
    frame = z.assign(T=data.duration, E=data.event)
    exact = {"precision": 1e-12, "r_precision": 1e-14}
    fitter = CoxPHFitter().fit(frame, "T", "E", fit_options=exact)
    change = fitter.compute_residuals(frame, kind="delta_beta").loc[frame.index]
    expected = (change.abs() / fitter.standard_errors_).max(axis=1)
    # at ties lifelines goes by the order of the rows
    found = _dfbeta(real, real, schema)
    assert found == pytest.approx(expected.to_numpy(), abs=0.02)
    assert np.median(np.abs(found - expected)) < 1e-3


def test_outliers_are_the_patients_far_from_others(simulated, quick):
    make, schema = simulated
    real = make(100, 0)
    real.loc[[3, 50], "marker"] = [40.0, 80.0]
    groups = high_risk_patients(real, real, schema, quick.privacy)
    assert groups["outliers"].sum() == 5
    assert groups["outliers"][[3, 50]].all()


def test_a_cohort_without_events_has_no_leverage_but_outliers(simulated, quick):
    make, schema = simulated
    real = make(100, 0).assign(event=0)
    groups = high_risk_patients(real, real, schema, quick.privacy)
    assert groups["leverage"].startswith("no Cox model can be fitted")
    assert groups["outliers"].sum() == 5


@pytest.mark.slow
def test_the_interval_of_a_group_allows_for_the_other_groups(simulated, world, quick):
    make, schema = simulated
    real, synthetic, holdout, source = world("bootstrap", make(600, 2), schema, 0)
    alone = replace(quick, self_link=False, privacy=replace(quick.privacy, vulnerable_share=0.3))
    few = replace(alone, privacy=replace(alone.privacy, attribute=False, membership_splits=0))
    name = "privacy/outcome_link_advantage"
    many, one = (
        privacy_metrics(real, synthetic, holdout, source, schema, s)[f"{name}/outliers"]
        for s in (alone, few)
    )
    # six tests against two: levels of .9917 and .975 for a null near the normal
    assert many.value == one.value
    assert (many.high - many.low) / (one.high - one.low) == pytest.approx(2.64 / 2.24, rel=0.15)
    assert many.low < one.low


def test_small_cells_by_hand():
    schema = Schema(
        (Column("ill", "binary"), Column("stage", "categorical", levels=("I", "II")),
         Column("dose", "numeric"))
    )  # fmt: skip
    real = pd.DataFrame({"ill": [0] * 6 + [1, 1, 1], "stage": ["I"] * 7 + ["II"] * 2, "dose": 1.0})
    synthetic = pd.DataFrame(
        {"ill": [1.0, 1.0, 0.0, 0.0], "stage": ["I", "I", "I", "II"], "dose": 1.0}
    )
    listed, rare = small_cells(real, synthetic, schema, 5)
    # held by fewer than 5: (1, I) once and (1, II) twice; the table repeats the first
    assert rare == 2
    assert listed.to_dict("records") == [{"ill": 1, "stage": "I", "real": 1, "synthetic": 2}]
    metric = small_cell_count(real, synthetic, schema, 5)["privacy/small_cells"]
    assert metric.value == 1
    assert metric.reason == "of 2 combinations that fewer than 5 real patients hold"


def test_without_a_holdout_only_identity_is_measured(simulated, quick):
    make, schema = simulated
    real = make(200, 0)
    alone = privacy_metrics(real, real, None, np.arange(200), schema, quick)
    both = privacy_metrics(real.head(140), real.head(140), real.tail(60), None, schema, quick)
    assert list(alone) == list(both)
    measured = {name for name, metric in alone.items() if metric.value is not None}
    assert measured == {
        "privacy/exact_copy", "privacy/small_cells", "privacy/self_link",
        "privacy/self_link/leverage", "privacy/self_link/outliers", "privacy/exact_copy_twins",
        "privacy/leak/copies", "privacy/leak/self_link",
        "privacy/patients_needed/copies", "privacy/patients_needed/self_link",
        "privacy/repu", "privacy/disco",
    }  # fmt: skip
    for name in {*alone} - measured:
        assert alone[name].reason == NO_HOLDOUT
