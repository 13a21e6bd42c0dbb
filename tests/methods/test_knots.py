"""Averages of neighbouring times, and what a table drawn from them has of the cohort."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ck4gen.config import built, defaults
from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.survival.teacher import CoxTeacher
from ck4gen.survival.teacher_settings import TeacherSettings

AVERAGED = Knots(20, 12, 10)


@pytest.mark.parametrize(("events", "knots"), [(9, 1), (19, 1), (51, 5), (120, 12), (300, 15)])
def test_few_events_have_smaller_groups_of_at_least_ten(events, knots):
    times = np.random.default_rng(0).permutation(events)
    parts = AVERAGED.parts(times)
    assert len(parts) == knots
    assert min(map(len, parts)) >= min(events, 10)
    assert sorted(np.concatenate(parts)) == list(range(events))
    means = [times[part].mean() for part in parts]
    assert means == sorted(means)


def test_even_times_end_where_the_longest_is():
    """Of 1, 2, ..., 200 the last twenty have the mean 190.5 and the last ten 195.5."""
    times, weight = np.random.default_rng(0).permutation(np.arange(1.0, 201)), np.ones(200)
    assert AVERAGED.late(times, weight) == 190.5
    assert AVERAGED.end(times, weight) == 200.5
    assert AVERAGED.end(np.minimum(times, 150), weight) == 150  # of a study that ends for all


def test_longest_times_move_their_averages_by_their_distance_from_them():
    """A weight of 1 + e moves a weighted mean of k times by e (x - mean) / k, to first order."""
    times, weight = np.random.default_rng(0).exponential(1, 200), np.ones(200)
    influence = AVERAGED.late_influence(times, weight)
    np.testing.assert_allclose((influence**2).sum(0), 1)
    assert [(column != 0).sum() for column in influence.T] == [20, 10]
    longest, second = np.argsort(times)[[-1, -2]]
    moved = []
    for patient in (longest, second):
        heavier = weight.copy()
        heavier[patient] += 1e-4
        moved.append(AVERAGED.late(times, heavier) - AVERAGED.late(times, weight))
    assert moved[0] / moved[1] == pytest.approx(influence[longest, 0] / influence[second, 0], 1e-3)
    assert not AVERAGED.late_influence(np.minimum(times, 0.1), weight).any()  # a study's end


def rows(n=300):
    """Patients of whom half never have the event; of the others most have it early."""
    rng = np.random.default_rng(4)
    arm = rng.integers(0, 2, n)
    event, other = (scale * rng.weibull(0.6, n) * np.exp(-0.5 * arm) for scale in (6, 20))
    event[rng.random(n) < 0.5] = other[rng.random(n) < 0.5] = np.inf
    end = rng.uniform(20, 60, n)
    times = np.column_stack([end, event, other])
    return pd.DataFrame({"arm": arm, "duration": times.min(1), "cause": times.argmin(1)})


def test_events_of_each_cause_are_as_many_and_a_plateau_stays_one():
    """Drawn for the very covariates: what is left is the curves' own error, here below 0.01.

    Where the hazard goes on with its last slope after the last knot of events, 0.05 too many have
    the event.
    """
    table = rows().assign(event=lambda t: (t["cause"] == 1).astype(int))
    schema = Schema((Column("arm", "binary"),), causes=("other",))
    cohort = WeightedCohort.of(table, schema)
    settings = TeacherSettings(**defaults()["method"]["teacher"])
    teachers = {k: CoxTeacher(settings).fit(part) for k, part in cohort.by_cause.items()}
    node = defaults("method=ck4gen_free")["method"]["outcomes"]
    law = built(node).fit(cohort, teachers)
    many = pd.concat([table] * 100, ignore_index=True)
    drawn = law.draw(many[["arm"]], SimpleNamespace(seed=1))
    for cause in (0, 1, 2):
        assert (drawn["cause"] == cause).mean() == pytest.approx(
            (table["cause"] == cause).mean(), abs=0.02
        )
    for share in (0.5, 0.75):  # nothing happens late
        late = np.quantile(table["duration"], share)
        seen = [(t["cause"] == 1) & (t["duration"] <= late) for t in (drawn, table)]
        assert seen[0].mean() == pytest.approx(seen[1].mean(), abs=0.02)
