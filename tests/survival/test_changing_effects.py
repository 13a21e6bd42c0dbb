"""Effects that change in time: how they are found, fitted and counted."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxTimeVaryingFitter
from scipy.stats import binom

from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.survival.changing_effects import ChangingEffects, changing_effects
from ck4gen.survival.cox import fit_cohort
from ck4gen.survival.curvature import Curvature

TURN = 0.5
FIND = {"curvature": Curvature(), "group": 10, "events_per_term": 5}


def cohort(seed, change, n=400, weight=None):
    """A numeric whose log hazard ratio of 0.8 changes by ``change`` at TURN, and a 0/1 column."""
    rng = np.random.default_rng(seed)
    x, arm, wanted = rng.normal(size=n), rng.integers(0, 2, n), rng.exponential(size=n)
    early, late = np.exp(0.8 * x - 0.4 * arm), np.exp((0.8 + change) * x - 0.4 * arm)
    time = np.where(wanted < early * TURN, wanted / early, TURN + (wanted - early * TURN) / late)
    end = rng.uniform(0.3, 3, n)
    table = pd.DataFrame(
        {
            "x": x,
            "arm": arm,
            "duration": np.minimum(time, end).round(3) + 0.001,  # some ties
            "event": (time <= end).astype(int),
        }
    )
    schema = Schema((Column("x", "numeric"), Column("arm", "binary")))
    return WeightedCohort(table, schema, np.ones(n) if weight is None else weight)


def test_it_is_the_model_with_a_covariate_that_depends_on_time():
    rows, found = cohort(1, -0.8), ChangingEffects(("x",), 0.48)
    fit = found.fit(rows, rows.design)
    table = rows.table
    late = table["duration"] > found.after
    early = table.assign(
        start=0.0,
        stop=table["duration"].clip(upper=found.after),
        event=table["event"] * ~late,
        change=0.0,
    )
    after = table[late].assign(
        start=found.after, stop=table["duration"], change=table.loc[late, "x"]
    )
    long = pd.concat([early, after]).rename_axis("id").reset_index().drop(columns="duration")
    theirs = CoxTimeVaryingFitter().fit(
        long, id_col="id", event_col="event", start_col="start", stop_col="stop"
    )
    ours = fit.coefficients.rename({"x, change": "change"})
    np.testing.assert_allclose(ours, theirs.params_[ours.index], atol=1e-5)


def test_a_change_is_found_after_half_of_the_events():
    rows = cohort(1, -0.8)
    found = changing_effects(rows, **FIND, significance=0.05)
    assert found.terms == ("x",)
    times = rows.duration[rows.event == 1]
    assert (times > found.after).mean() == pytest.approx(0.5, abs=0.05)
    assert found.after not in times  # an average, no patient's own
    assert not changing_effects(rows, **FIND, significance=0).terms
    few = FIND | {"events_per_term": 1 + len(times) / 4}
    assert not changing_effects(rows, **few, significance=0.05).terms


def test_proportional_effects_are_found_to_change_as_often_as_the_level_says():
    """60 tests at 0.05; more than 9 have a probability of 0.1 %."""
    found = [changing_effects(cohort(seed, 0), **FIND, significance=0.05) for seed in range(30)]
    assert sum(len(each.terms) for each in found) <= binom.ppf(0.999, 60, 0.05)


def test_without_changes_it_is_the_model_as_it_is():
    rows, none = cohort(2, 0), ChangingEffects()
    fit, plain = none.fit(rows, rows.design), fit_cohort(rows)
    pd.testing.assert_series_equal(fit.coefficients, plain.coefficients)
    np.testing.assert_allclose(none.influence(rows, rows.design), plain.influence, atol=1e-12)
    baseline = none.baseline(rows, rows.design, fit.coefficients, rows.mean)
    np.testing.assert_allclose(baseline, plain.cumulative_hazard_at_mean[baseline.index])


def test_a_patient_who_counts_for_more_moves_the_changes_by_the_influence():
    """A weight that is a little higher, for five patients: the slope of the coefficients."""
    rows, found, step = cohort(3, -0.8), ChangingEffects(("x",), TURN), 1e-4
    influence = found.influence(rows, rows.design)
    before = found.fit(rows, rows.design).coefficients
    for patient in range(5):
        weight = np.ones(len(rows))
        weight[patient] += step
        after = found.fit(cohort(3, -0.8, weight=weight), rows.design).coefficients
        np.testing.assert_allclose(
            (after - before) / step, influence[patient], rtol=0.02, atol=1e-4
        )


def test_the_baseline_is_of_the_hazard_that_was_drawn_from():
    """A hazard of 1 for x = arm = 0; the first 700 events give a standard error of 4 %."""
    rows, found = cohort(4, -0.8, n=4000), ChangingEffects(("x",), TURN)
    true = pd.Series([0.8, -0.4, -0.8], ["x", "arm", *found.names])
    baseline = found.baseline(rows, rows.design, true, pd.Series(0.0, ["x", "arm"]))
    at = baseline.index[np.searchsorted(baseline.index, [0.25, 0.5, 1.0])]
    np.testing.assert_allclose(baseline[at], at, rtol=0.12)


@pytest.mark.parametrize("constant", ["x", "arm"])
def test_without_a_model_there_is_none(constant):
    rows = cohort(1, -0.8)
    table = rows.table.assign(**{constant: 1})
    assert not changing_effects(
        WeightedCohort.of(table, rows.schema), **FIND, significance=0.05
    ).terms
