"""Messy tables: what registries, trials and spreadsheets export."""

import numpy as np
import pandas as pd
from messy import Case, case, cohort

CLEAN = ["age", "sex", "stage", "marker"]


@case
def german_export(rng: np.random.Generator) -> Case:
    table = cohort(rng).rename(columns={"died": "verstorben"})
    table["verstorben"] = table.verstorben.map({1: "ja", 0: "nein"})
    text = table.to_csv(index=False, sep=";", decimal=",")
    return Case(text.encode("cp1252"), event="verstorben", kinds={"marker": "numeric"})


@case
def event_minus_one(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).eval("died = 2 * died - 1"))


@case
def lost_to_follow_up(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    lost = np.where(rng.random(len(table)) < 0.2, "Lost to follow-up", "Alive")
    status = np.where(table.died == 1, "Deceased", lost)
    return Case(table.assign(died=status), happened="Deceased")


@case
def row_of_totals(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    text = f"{table.to_csv(index=False)}Total,,,{table.marker.mean():.1f},,{table.died.sum()}\n"
    return Case(text.encode(), kinds={"age": "numeric", "marker": "numeric"})


@case
def percent_signs_and_units(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["age"] = [f"{age} years" for age in table.age]
    table["ejection"] = [f"{share:.1f} %" for share in rng.normal(55, 9, len(table))]
    return Case(table, kinds={"age": "numeric", "ejection": "numeric"})


@case
def plus_and_minus(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(er=rng.choice(["+", "-"], len(table))), levels={"er": ["+", "-"]})


@case
def word_beside_codes(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    levels = ["1", "2", "3", "anaplastic"]
    table["grade"] = rng.choice(levels, len(table), p=[0.3, 0.4, 0.25, 0.05])
    return Case(table, levels={"grade": levels}, missing={"grade": 0.0})


@case
def own_level_other(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    types = ["adeno", "squamous", "Other", "carcinoid"]
    table["type"] = rng.choice(types, len(table), p=[0.5, 0.3, 0.19, 0.01])
    return Case(table, levels={"type": ["adeno", "squamous", "Other"]})


@case
def births_in_other_languages(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    days = pd.to_timedelta(table.age * 365 + rng.integers(0, 365, len(table)), unit="D")
    born = (pd.Timestamp("2015-01-01") - days).dt.strftime("%d.%m.%Y")
    return Case(table.assign(Geburtsdatum=born, geb=born), dropped=["Geburtsdatum", "geb"])


@case
def what_only_the_dead_have(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    seen = pd.Timestamp("2012-03-01") + pd.to_timedelta(rng.integers(0, 900, len(table)), "D")
    end = seen + pd.to_timedelta(table.days, unit="D").to_numpy()
    table["diagnosed"], table["last_contact"] = seen.strftime("%Y-%m-%d"), end.strftime("%Y-%m-%d")
    table["year_of_death"] = pd.Series(end.year).where(table.died == 1)
    cause = pd.Series(rng.choice(["cancer", "heart", "other"], len(table)))
    table["cause_of_death"] = cause.where(table.died == 1)
    return Case(table, dropped=["last_contact", "year_of_death", "cause_of_death"])


@case
def logarithm_of_the_duration(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(log_days=np.log(table.days).round(4)), dropped=["log_days"])


@case
def numeric_postcodes(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(PLZ=rng.integers(10_000, 99_999, len(table))), dropped=["PLZ"])


@case
def names_of_the_package(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    blank = rng.random(len(table)) < 0.1
    table["age is missing"] = rng.integers(0, 2, len(table))
    for name in ("duration", "weight", "entry", "_entry", "is missing"):
        table[name] = rng.normal(50, 9, len(table)).round(1)
    table["age"] = table.age.astype(object).mask(blank)
    return Case(
        table, missing={"age": float(blank.mean())}, kept=[*CLEAN, "weight", "age is missing"]
    )


@case
def twenty_rows(rng: np.random.Generator) -> Case:
    return Case(cohort(rng, 20))


@case
def one_group_only(rng: np.random.Generator) -> Case:
    table = cohort(rng, 60)
    return Case(table[["sex", "days", "died"]], levels={"sex": ["female", "male"]})


@case
def stay_within_the_follow_up(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    stay = np.minimum(table.days, rng.integers(1, 400, len(table)))
    return Case(table.assign(stay=stay), holds=["stay <= duration"])


@case
def constant_among_events(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    spread = np.where(table.died == 1, 1, rng.integers(0, 2, len(table)))
    return Case(table.assign(metastasis=spread))
