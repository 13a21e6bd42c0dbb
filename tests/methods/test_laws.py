"""The laws of censoring and of entry."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.config import defaults
from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.drawn_outcomes import GeneratedOutcomes
from ck4gen.methods.ck4gen.generated_outcomes import Generated
from ck4gen.methods.ck4gen.hazard_curve import HazardCurve
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.law import Law
from ck4gen.methods.ck4gen.laws import followed, law_of
from ck4gen.survival.changing_effects import ChangingEffects
from ck4gen.survival.cox import fit_cohort
from ck4gen.survival.curvature import Curvature
from ck4gen.survival.teacher import CoxTeacher
from ck4gen.survival.teacher_settings import TeacherSettings

SCHEMA = Schema((Column("arm", "binary"),))


def cohort(n=400, effect=1.0):
    """Patients who are censored with a hazard of exp(effect) in one arm and 1 in the other."""
    rng = np.random.default_rng(0)
    arm = rng.integers(0, 2, n)
    end, time = rng.exponential(np.exp(-effect * arm)), rng.exponential(2.0, n)
    table = {"arm": arm, "duration": np.minimum(time, end), "event": (time <= end).astype(int)}
    return followed(WeightedCohort.of(pd.DataFrame(table), SCHEMA))


@pytest.mark.parametrize("prior", [0, 30, 300])
def test_a_prior_of_m_events_shrinks_what_d_events_show_by_d_over_d_plus_m(prior):
    """Within 0.1: the information of an event about an arm falls from 1/4 as the arm is used up."""
    rows = cohort()
    free = fit_cohort(rows).coefficients["arm"]
    shrunk = law_of(rows, prior, 5).coefficients["arm"]
    events = rows.event.sum()
    assert shrunk / free == pytest.approx(events / (events + prior), abs=0.1)


def test_few_events_have_one_curve():
    rows = cohort()
    most = rows.event.sum() + 1
    assert not law_of(rows, 30, most).coefficients.any()
    alone = law_of(rows, 30, most).baseline
    at_risk = (rows.duration[:, None] >= alone.index.to_numpy()).sum(0)
    np.testing.assert_allclose(alone, (1 / at_risk).cumsum())  # Nelson and Aalen's estimate


@pytest.mark.parametrize(("curved_terms", "bends"), [(2, 2), (1, 0)])
def test_with_many_terms_every_effect_is_straight(curved_terms, bends):
    """What a straight model finds of a curved effect hangs on correlations that nothing holds."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    times = rng.exponential(np.exp(-(x**2)))
    table = pd.DataFrame({"x": x, "arm": np.arange(500) % 2, "duration": times, "event": 1})
    curved = WeightedCohort.of(table, Schema((Column("x", "numeric"), *SCHEMA.columns)))
    teacher = CoxTeacher(TeacherSettings(**defaults()["method"]["teacher"])).fit(curved, 0.0)
    settings = Generated(20, 12, 10, 30.0, 5.0, 0.05, 0.9, 12, curved_terms)
    law = GeneratedOutcomes(curved, {1: teacher}, settings).causes[1]
    assert len(law.curvature.names) == bends
    assert bool(law.changes.terms) == bool(bends)


@pytest.mark.parametrize("after", [None, np.array([0.0, 0.2, 0.5, 0.7])])
def test_times_of_an_effect_that_changes_have_its_law(after):
    """What a row lived through of its own hazard since its entry is -log of its share."""
    times = np.linspace(0.01, 2, 200)
    terms, change = ["x", "arm"], ChangingEffects(("x",), 0.5)
    coefficients = pd.Series([0.8, -0.4, -0.6], [*terms, *change.names])
    means = pd.Series([0.3, 0.5], terms)
    law = Law(coefficients, means, pd.Series(times, times), Curvature(), change)
    curve = HazardCurve(law, times, np.ones(200), Knots(1, 1, 1))
    design = pd.DataFrame({"x": [-1.0, 0.0, 1.0, 2.0], "arm": [0.0, 1.0, 0.0, 1.0]})
    uniform = np.array([0.9, 0.5, 0.4, 0.1])
    curve = HazardCurve.from_state(curve.to_state(), terms)
    drawn = curve.time_at(design, uniform, after)
    risk = (design - means) @ coefficients[terms]
    later = risk - 0.6 * (design["x"] - 0.3)
    begin = np.zeros(4) if after is None else after
    early = np.exp(risk) * np.clip(np.minimum(drawn, 0.5) - np.minimum(begin, 0.5), 0, None)
    late = np.exp(later) * np.clip(drawn - np.maximum(begin, 0.5), 0, None)
    np.testing.assert_allclose(early + late, -np.log(uniform), rtol=0.03)
    assert (drawn > begin).all()
    assert 0 < (drawn < 0.5).sum() < 4
