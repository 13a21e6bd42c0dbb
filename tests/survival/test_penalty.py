"""The strength of a ridge: the criterion, wide designs, and when one is chosen."""

import numpy as np
import pandas as pd
import pytest

from ck4gen.config import defaults
from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.settings import InputError, build
from ck4gen.survival.cox import fit_cox
from ck4gen.survival.newton import maximise
from ck4gen.survival.partial_likelihood import PartialLikelihood
from ck4gen.survival.penalty import cross_validated_penalizer, principal_axes
from ck4gen.survival.risk_sets import RiskSets
from ck4gen.survival.teacher import (
    CoxTeacher,
    analysis_penalizer,
    stronger_penalizer,
)
from ck4gen.survival.teacher_settings import TeacherSettings


def cohort(rows, terms, seed=0, effect=0.5):
    rng = np.random.default_rng(seed)
    design = pd.DataFrame(rng.normal(size=(rows, terms))).add_prefix("x")
    risk = effect * design["x0"]
    happens, stops = rng.exponential(np.exp(-risk)), rng.exponential(2, rows)
    return design, pd.Series(np.minimum(happens, stops)), pd.Series((happens <= stops).astype(int))


def settings(**keys):
    values = defaults()["method"]["teacher"] | keys
    return build(TeacherSettings, "method.teacher", values)


def test_a_ridge_is_the_same_in_the_axes_of_a_wide_design():
    design, duration, event = cohort(30, 80)
    wide = fit_cox(design, duration, event, 0.5)
    z = ((design - design.mean()) / design.std()).to_numpy()
    narrow, axes = principal_axes(z)
    assert narrow.shape == (30, 30)
    likelihood = PartialLikelihood(RiskSets(duration.to_numpy(), event.to_numpy()), narrow)
    found = axes @ maximise(likelihood, 0.5 * 30, np.zeros(30)).coefficients
    assert found / design.std().to_numpy() == pytest.approx(wide.coefficients.to_numpy(), abs=1e-6)
    assert principal_axes(z[:, :20])[1] is None


def test_the_criterion_is_that_of_verweij_and_van_houwelingen():
    design, duration, event = cohort(40, 3)
    order = np.lexsort((-duration, -event))
    fold = np.empty(40, int)
    fold[order] = np.arange(40) % 4

    def value(rows, beta):
        part = PartialLikelihood(RiskSets(duration[rows].to_numpy(), event[rows].to_numpy()),
                                 design[rows].to_numpy())  # fmt: skip
        return part.at(beta).value

    def criterion(strength):
        total = 0.0
        for k in range(4):
            rows = fold != k
            z = (design - design.mean()) / design.std()
            # fit_cox would scale by the SDs of the fold; here those of all patients count
            sets = RiskSets(duration[rows].to_numpy(), event[rows].to_numpy())
            beta = maximise(PartialLikelihood(sets, z[rows].to_numpy()),
                            strength * rows.sum(), np.zeros(3)).coefficients  # fmt: skip
            beta = beta / design.std().to_numpy()
            total += value(np.ones(40, bool), beta) - value(rows, beta)
        return total

    strengths = (0.01, 0.1, 1.0)
    best = max(strengths, key=criterion)
    assert cross_validated_penalizer(design, duration, event, strengths, 4) == best


def test_the_criterion_prefers_a_strong_ridge_for_noise_and_a_weak_one_for_a_signal():
    strengths = (0.001, 0.1, 10.0)
    noise = cohort(60, 20, effect=0.0)
    assert cross_validated_penalizer(*noise, strengths, 5) == 10.0
    signal = cohort(300, 2, effect=1.0)
    assert cross_validated_penalizer(*signal, strengths, 5) == 0.001


def test_a_ridge_is_chosen_only_where_it_is_needed():
    design, duration, event = cohort(200, 3)
    assert analysis_penalizer(design, duration, event, settings()) == 0.0
    assert analysis_penalizer(design, duration, event, settings(penalizer=0.2)) == 0.2
    separating = design.assign(safe=(event == 0) & (design["x1"] > 0)).astype(float)
    with pytest.warns(UserWarning, match=r"no finite estimate.* 0\.001, the least that gives one"):
        chosen = analysis_penalizer(separating, duration, event, settings())
    penalised = fit_cox(separating, duration, event, chosen)
    others = fit_cox(separating, duration, event, 1e-2).coefficients[["x0", "x2"]]
    assert chosen == min(settings().strengths)
    assert penalised.coefficients[["x0", "x2"]].to_numpy() == pytest.approx(others, abs=0.1)
    assert analysis_penalizer(separating, duration, event, settings(strengths=[])) == 0.0
    needed = event.sum() / 3 + 1
    with pytest.warns(UserWarning, match="too few for 3 terms.* by cross-validation"):
        assert analysis_penalizer(design, duration, event, settings(events_per_term=needed)) > 0


def test_wrong_keys_are_one_sentence():
    with pytest.raises(InputError, match=r"method\.teacher\.strengths is 0; it must be above 0"):
        settings(strengths=[0, 1.0])
    with pytest.raises(InputError, match=r"method\.teacher\.folds is 1"):
        settings(folds=1)


def test_weights_that_leave_no_estimate_get_the_least_ridge_that_gives_one():
    rng = np.random.default_rng(0)
    event = (rng.random(80) < 0.6).astype(int)
    treated = event.copy()
    treated[np.flatnonzero(event)[0]] = 0  # the one event among the others
    table = pd.DataFrame({"age": rng.normal(size=80), "treated": treated})
    table = table.assign(duration=np.arange(80) + 1, event=event)
    schema = Schema((Column("age", "numeric"), Column("treated", "binary")))
    plain = WeightedCohort.of(table, schema)
    assert stronger_penalizer(plain, 0.0, settings()) == 0
    weight = np.where((event == 1) & (treated == 0), 1e-12, 1.0)
    with pytest.warns(UserWarning, match="under the guard's weights the Cox model has no finite"):
        chosen = stronger_penalizer(plain.weighted(weight), 0.0, settings())
    assert chosen == min(settings().strengths)
    CoxTeacher(settings()).fit(plain.weighted(weight), chosen)
    with pytest.raises(InputError, match=r"the Cox teacher cannot be fitted .*penalizer above 0$"):
        CoxTeacher(settings(strengths=[])).fit(plain.weighted(weight), 0.0)


def test_a_time_below_the_first_event_by_a_rounding_error_has_its_hazard():
    design, duration, event = cohort(60, 1)
    first = duration[event == 1].min()
    duration = duration.where(np.arange(60) != np.flatnonzero(event == 0)[0], first / 2)
    table = design.assign(duration=duration, event=event)  # the first one ends without an event
    teacher = CoxTeacher(settings()).fit(
        WeightedCohort.of(table, Schema((Column("x0", "numeric"),))), 0.0
    )
    around = teacher.log_cumulative_hazard(np.array([np.nextafter(first, 0), first]))
    assert around[0] == around[1] < teacher.log_cumulative_hazard(duration.to_numpy()).max()
