"""Messy tables: what stands in the cells."""

import numpy as np
import pandas as pd
from messy import Case, case, cohort


def blank(values: pd.Series, rng: np.random.Generator, share: float) -> pd.Series:
    """The values as objects, a share of them missing."""
    return values.astype(object).mask(rng.random(len(values)) < share)


@case
def event_of_r(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(died=table.died + 1), events=int(table.died.sum()), happened="2")


@case
def event_true_false(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    happened = table.died == 1
    return Case(table.assign(died=happened), events=int(table.died.sum()), happened="True")


@case
def event_in_words(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    words = table.died.map({1: "dead", 0: "alive"})
    return Case(table.assign(died=words), events=int(table.died.sum()), happened="dead")


@case
def event_reversed(rng: np.random.Generator) -> Case:
    table = cohort(rng, 600)
    coded = table.assign(died=1 - table.died).rename(columns={"died": "censored"})
    return Case(coded, event="censored", events=int((1 - table.died).sum()))


@case
def event_of_three_causes(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    cause = table.died * rng.choice([1, 2], len(table), p=[0.7, 0.3])
    return Case(table.assign(died=cause))


@case
def event_missing(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(died=blank(table.died, rng, 0.02)), "refusal", names="died")


@case
def nobody_died(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).assign(died=0), "refusal", names="died")


@case
def missing_numbers(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["marker"] = blank(table.marker, rng, 0.2)
    return Case(table, missing={"marker": 0.2}, kinds={"marker": "numeric"})


@case
def missing_levels(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(stage=blank(table.stage, rng, 0.15)), missing={"stage": 0.15})


@case
def minus_nine(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["marker"] = table.marker.mask(rng.random(len(table)) < 0.1, -9)
    return Case(table, missing={"marker": 0.1}, holds=["marker > 0"])


@case
def nine_hundred_ninety_nine(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["age"] = table.age.mask(rng.random(len(table)) < 0.08, 999)
    return Case(table, missing={"age": 0.08}, holds=["age < 120"])


@case
def points_and_unknowns(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["marker"] = blank(table.marker, rng, 0.1).fillna(".")
    table["stage"] = blank(table.stage, rng, 0.1).fillna("unknown")
    return Case(table, missing={"marker": 0.1}, kinds={"marker": "numeric"})


@case
def level_none(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["treatment"] = rng.choice(["None", "radiotherapy", "surgery"], len(table))
    return Case(table, levels={"treatment": ["None", "radiotherapy", "surgery"]})


@case
def dirty_levels(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    dirty = {"male": ["male", "Male", "male ", "M"], "female": ["female", "Female", " female", "F"]}
    table["sex"] = [rng.choice(dirty[value]) for value in table.sex]
    return Case(table, kinds={"sex": "categorical"}, levels={"sex": ["male", "female"]})


@case
def ordinal_words(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["pain"] = rng.choice(["mild", "moderate", "severe"], len(table), p=[0.5, 0.3, 0.2])
    return Case(table, levels={"pain": ["mild", "moderate", "severe"]})


@case
def rare_levels(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["histology"] = rng.choice(["ductal", "lobular"], len(table), p=[0.7, 0.3])
    table.loc[:5, "histology"] = ["mucinous", "mucinous", "medullary", "tubular", "tubular", "x"]
    return Case(table, levels={"histology": ["ductal", "lobular", "other"]})


@case
def many_levels(rng: np.random.Generator) -> Case:
    table = cohort(rng, 900)
    table["clinic"] = [f"clinic {number}" for number in rng.integers(1, 41, len(table))]
    return Case(table)


@case
def site_codes(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["site"] = rng.choice([1, 2, 3, 4, 5, 9], len(table))
    return Case(table, own_values=["site"])


@case
def karnofsky_in_tens(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["karnofsky"] = rng.choice([50, 60, 70, 80, 90, 100], len(table))
    return Case(table, own_values=["karnofsky"])


@case
def zero_or_ten(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(prior=rng.choice([0, 10], len(table))), own_values=["prior"])


@case
def dates_as_numbers(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    days = pd.to_datetime("2015-01-01") + pd.to_timedelta(rng.integers(0, 1500, len(table)), "D")
    table["entered"] = days.strftime("%Y%m%d").astype(int)
    return Case(table, kept=["age", "sex", "stage", "marker"])


@case
def dates_in_words(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    days = pd.to_datetime("2015-01-01") + pd.to_timedelta(rng.integers(0, 1500, len(table)), "D")
    return Case(table.assign(diagnosis=days.strftime("%d.%m.%Y")), kept=["age", "sex", "stage"])


@case
def detection_limit(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["crp"] = [f"{v:.1f}" if v >= 0.5 else "<0.5" for v in rng.lognormal(0, 1, len(table))]
    return Case(table, kinds={"crp": "numeric"})


@case
def spike_at_zero(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    packs = rng.gamma(2, 12, len(table)).round()
    return Case(table.assign(pack_years=packs * (rng.random(len(table)) < 0.5)))


@case
def huge_value(rng: np.random.Generator) -> Case:
    table = cohort(rng).astype({"marker": float})
    table.loc[7, "marker"] = 1e12
    return Case(table, "refusal", names="marker")


@case
def one_late_text(rng: np.random.Generator) -> Case:
    table = cohort(rng).astype({"marker": object})
    table.loc[390, "marker"] = "n/d"
    return Case(table, kinds={"marker": "numeric"})


@case
def negative_duration(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table.loc[[3, 9], "days"] = -4
    return Case(table, "refusal", names="days")


@case
def duration_missing(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(days=blank(table.days, rng, 0.02)), "refusal", names="days")
