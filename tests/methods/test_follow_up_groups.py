"""Groups that are followed in other ways, and their curves of censoring."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ck4gen.config import built, defaults
from ck4gen.data.schema import Column, Schema
from ck4gen.data.weighted_cohort import WeightedCohort
from ck4gen.methods.ck4gen.drawn_outcomes import GeneratedOutcomes
from ck4gen.methods.ck4gen.follow_up_groups import FollowUpGroups, follow_up_groups
from ck4gen.methods.ck4gen.knots import Knots
from ck4gen.methods.ck4gen.laws import followed, law_of
from ck4gen.survival.teacher import CoxTeacher
from ck4gen.survival.teacher_settings import TeacherSettings

KNOTS = Knots(20, 12, 10)
SCHEMA = Schema(
    (
        Column("age", "numeric"),
        Column("year", "numeric", integer=True),
        Column("site", "categorical", levels=("a", "b", "c")),
        Column("male", "binary"),
    )
)


def cohort(seed=0, n=1200, ends=lambda table, rng: rng.exponential(np.exp(-0.5 * table["male"]))):
    """Patients with proportional hazards of death, who are censored at ``ends``."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": rng.normal(60, 10, n),
            "year": rng.integers(2000, 2006, n),
            "site": rng.choice(["a", "b", "c"], n),
            "male": rng.integers(0, 2, n),
        }
    )
    died = rng.exponential(4 * np.exp(-0.03 * (table["age"] - 60)))
    stop = ends(table, rng)
    outcome = {"duration": np.minimum(died, stop), "event": (died <= stop).astype(int)}
    return WeightedCohort.of(table.assign(**outcome), SCHEMA)


def study_end(table, rng):
    """All came on some day of their year, and the study ended with 2007."""
    return 2008 - table["year"] - rng.uniform(0, 1, len(table))


def groups_of(patients, most=12):
    rows = followed(patients)
    return follow_up_groups(rows, law_of(rows, 30, 5), KNOTS, most)


def fitted(patients, **keys):
    settings = defaults("method=ck4gen_free")["method"]
    teacher = CoxTeacher(TeacherSettings(**settings["teacher"])).fit(patients)
    return built(settings["outcomes"] | keys).fit(patients, {1: teacher})


def drawn(outcomes, patients):
    return outcomes.draw(patients.table, SimpleNamespace(seed=0))


def test_a_study_that_ends_on_a_day_is_followed_by_year():
    patients = cohort(ends=study_end)
    assert groups_of(patients) == FollowUpGroups("year", (2000.5, 2001.5, 2002.5, 2003.5, 2004.5))
    assert groups_of(patients, most=0) == FollowUpGroups()


def test_no_row_is_followed_past_the_end_of_its_year():
    """One curve for all lets some of the last year live past the end of the study."""
    patients = cohort(n=6000, ends=study_end)
    late = patients.table["year"] == 2005
    longest = 3.05  # who came on the first day of 2005, and what averages are off
    share = {
        most: (drawn(fitted(patients, follow_up_groups=most), patients)["duration"] > longest)[late]
        for most in (0, 12)
    }
    assert share[0].any()
    assert not share[12].any()
    by_year = drawn(fitted(patients), patients).groupby(patients.table["year"])["event"].mean()
    real = patients.table.groupby("year")["event"].mean()
    # the difference of two shares of 1,000 has a standard error of 0.022 at most
    np.testing.assert_allclose(by_year, real, atol=0.07)


def test_a_site_that_closes_early_is_found_by_its_name():
    def ends(table, rng):
        return np.where(table["site"] == "b", rng.uniform(0.4, 0.6, len(table)), study(rng, table))

    def study(rng, table):
        return rng.uniform(0, 4, len(table))

    groups = groups_of(cohort(ends=ends))
    assert groups == FollowUpGroups("site", levels=("a", "b", "c"))
    numbers = groups.of(pd.DataFrame({"site": ["c", "a", "elsewhere", "b"]}))
    assert numbers.tolist() == [2, 0, 3, 1]


@pytest.mark.parametrize("guarded", [False, True])
def test_proportional_hazards_of_censoring_have_no_groups(guarded):
    """By Schwarz's criterion one cohort in hundreds has some, so none of 20 has, but for chance."""
    found = 0
    for seed in range(20):
        patients = cohort(seed, 400)
        if guarded:
            noise = np.random.default_rng(seed).gamma(4, size=400)  # an SD of half the mean
            patients = patients.weighted(noise)
        found += bool(groups_of(patients).column)
    assert found == 0


def test_patients_at_time_0_count_as_expected_by_all_groups():
    def ends(table, rng):
        return np.where(rng.uniform(size=len(table)) < 0.3, 0, rng.exponential(1, len(table)))

    assert groups_of(cohort(ends=ends)) == FollowUpGroups()


def test_a_rare_value_makes_no_cut():
    patients = cohort(ends=study_end)
    rare = patients.table["year"].where(patients.table.index >= 5, 2005.25)
    patients = WeightedCohort.of(patients.table.assign(year=rare), SCHEMA)
    assert groups_of(patients).cuts == (2000.5, 2001.5, 2002.5, 2003.5, 2004.5)


def test_cuts_of_many_values_are_those_of_no_patient():
    patients = cohort(ends=lambda table, rng: (table["age"] - 30).clip(1) / 40)
    groups = groups_of(patients)
    assert groups.column == "age"
    assert 2 <= len(groups.cuts) <= 11
    assert not set(groups.cuts) & set(patients.table["age"])


def test_few_censored_patients_have_one_curve():
    assert groups_of(cohort(n=60, ends=study_end)) == FollowUpGroups()


def test_without_a_model_of_censoring_there_are_no_groups():
    """Else a group would stand for the effects that too few patients could not tell."""
    patients = cohort(ends=study_end)
    censored = (patients.event == 0).sum()
    terms = patients.design.shape[1]
    assert fitted(patients, events_per_term=censored / terms - 1).groups.column == "year"
    assert fitted(patients, events_per_term=censored / terms + 1).groups == FollowUpGroups()


def test_strata_have_curves_already():
    site = Column("site", "categorical", levels=("a", "b", "c"), stratum=True)
    schema = Schema(tuple(site if c.name == "site" else c for c in SCHEMA))
    patients = cohort(ends=study_end)
    outcomes = fitted(WeightedCohort.of(patients.table, schema))
    assert outcomes.groups == FollowUpGroups()
    assert len(outcomes.ends) == len(outcomes.censoring.curves) == 3


def test_a_shared_sampler_draws_the_same_outcomes():
    patients = cohort(ends=study_end)
    outcomes = fitted(patients)
    again = GeneratedOutcomes.from_state(outcomes.to_state(), SCHEMA)
    pd.testing.assert_frame_equal(drawn(again, patients), drawn(outcomes, patients))


def test_every_curve_of_a_group_is_among_the_kept_numbers():
    patients = cohort(ends=study_end)
    reached = fitted(patients).reached(patients)
    kinds = [name for name in reached if name.startswith("censoring")]
    assert len(kinds) == 6
    censored = patients.event == 0
    for name in kinds:
        of_whom = reached[name].any(1)
        assert not (of_whom & ~censored).any()
        assert patients.table["year"][of_whom].nunique() == 1


def test_the_longest_times_of_all_and_of_each_group_are_among_them():
    """Twenty patients for the average of a curve, ten of them also for the end."""
    patients = cohort(ends=study_end)
    longest = fitted(patients).longest_times(patients)
    assert longest.shape[1] == 2 * (1 + 6)
    assert sorted((longest != 0).sum(0)) == [10] * 7 + [20] * 7
    one_curve = fitted(patients, follow_up_groups=0).longest_times(patients)
    assert one_curve.shape[1] == 2  # of events and of censoring, each once
