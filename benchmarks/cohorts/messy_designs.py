"""Messy tables: what columns are to each other, to the patients and to the outcome."""

import numpy as np
import pandas as pd
from messy import Case, case, cohort

LETTERS = list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")


@case
def running_id(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table.insert(0, "patient_id", np.arange(1, len(table) + 1))
    return Case(table, dropped=["patient_id"])


@case
def hospital_number(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table.insert(0, "mrn", rng.choice(9_000_000, len(table), replace=False) + 1_000_000)
    return Case(table, dropped=["mrn"])


@case
def number_without_a_name(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table.insert(2, "x1", rng.permutation(len(table)) + 40_001)
    return Case(table, dropped=["x1"])


@case
def sample_codes(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["barcode"] = ["".join(rng.choice(LETTERS, 8)) for _ in range(len(table))]
    return Case(table, dropped=["barcode"])


@case
def names_of_people(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    first, last = ["Ann", "Bo", "Cy", "Di", "Ed"], ["Hill", "Lake", "Marsh", "Ford", "Wood", "Pond"]
    people = [
        f"{rng.choice(last)}, {rng.choice(first)} {rng.choice(LETTERS)}." for _ in table.index
    ]
    return Case(table.assign(name=people), dropped=["name"])


@case
def free_text(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    words = ["pain", "fever", "stable", "seen", "on", "ward", "with", "family", "no", "change"]
    notes = [" ".join(rng.choice(words, 6)) for _ in table.index]
    return Case(table.assign(notes=notes), dropped=["notes"])


@case
def start_stop(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table.insert(0, "start", (table.days * rng.uniform(0, 0.9, len(table))).astype(int))
    table.insert(0, "id", rng.integers(1, 200, len(table)))
    return Case(table.rename(columns={"days": "stop"}), "refusal", names="id", duration="stop")


@case
def repeated_ids(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table.insert(0, "patient", np.repeat(np.arange(1, 1 + len(table) // 2), 2))
    return Case(table, "refusal", names="patient")


@case
def duplicate_rows(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(pd.concat([table, table.head(20)]))


@case
def bmi_beside_height_and_weight(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["height"] = rng.normal(170, 9, len(table)).round()
    table["weight"] = rng.normal(75, 12, len(table)).round(1)
    table["bmi"] = (table.weight / (table.height / 100) ** 2).round(1)
    return Case(table, holds=["abs(bmi - weight / (height / 100) ** 2) < 0.06"])


@case
def score_beside_its_items(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    for item in ("item1", "item2", "item3"):
        table[item] = rng.integers(0, 4, len(table))
    table["score"] = table.item1 + table.item2 + table.item3
    return Case(table, holds=["score == item1 + item2 + item3"])


@case
def age_group_beside_age(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["age_group"] = pd.cut(
        table.age, [0, 50, 65, 120], labels=["<50", "50-64", "65+"], right=False
    )
    holds = ["(age_group == '<50') == (age < 50)", "(age_group == '65+') == (age >= 65)"]
    return Case(table.astype({"age_group": str}), holds=holds)


@case
def dummies_of_all_levels(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    for level in ("I", "II", "III"):
        table[f"stage_{level}"] = (table.stage == level).astype(int)
    table = table.drop(columns="stage")
    return Case(table, holds=["stage_I + stage_II + stage_III == 1"])


@case
def column_twice(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(age_at_entry=table.age), holds=["age == age_at_entry"])


@case
def ordering_of_two_columns(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["nodes_examined"] = rng.poisson(12, len(table)) + 1
    table["nodes_positive"] = rng.binomial(table.nodes_examined, 0.3)
    return Case(table, holds=["nodes_positive <= nodes_examined"])


@case
def forbidden_combination(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    pregnant = (table.sex == "female") & (rng.random(len(table)) < 0.4)
    table["pregnancies"] = np.where(pregnant, "some", "none")
    return Case(table, holds=["not (sex == 'male' and pregnancies == 'some')"])


@case
def separation(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    safe = (table.died == 0) & (rng.random(len(table)) < 0.3)
    return Case(table.assign(vaccinated=safe.astype(int)))


@case
def more_columns_than_rows(rng: np.random.Generator) -> Case:
    table = cohort(rng, 120)
    genes = pd.DataFrame(rng.normal(size=(120, 200)).round(3)).add_prefix("gene")
    return Case(pd.concat([table, genes], axis=1))


@case
def few_events(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["died"] = 0
    table.loc[rng.choice(400, 8, replace=False), "died"] = 1
    return Case(table, events=8)


@case
def constant(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).assign(hospital="north"), kept=["age", "sex", "stage", "marker"])


@case
def whole_years(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["days"] = (table.days // 365) + 1
    return Case(table.rename(columns={"days": "years"}), duration="years", own_values=["years"])


@case
def all_durations_zero(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).assign(days=0), "refusal", names="days")


@case
def some_durations_zero(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table.loc[:20, "days"] = 0
    return Case(table)


@case
def twelve_rows(rng: np.random.Generator) -> Case:
    return Case(cohort(rng, 12), "refusal")


@case
def duration_is_the_event(rng: np.random.Generator) -> Case:
    return Case(cohort(rng), "refusal", names="died", duration="died")


@case
def only_the_outcome(rng: np.random.Generator) -> Case:
    return Case(cohort(rng)[["days", "died"]], "refusal")


@case
def two_dates(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    entry = pd.to_datetime("2012-03-01") + pd.to_timedelta(rng.integers(0, 900, len(table)), "D")
    table["entry"] = entry.strftime("%Y-%m-%d")
    table["last_seen"] = (entry + pd.to_timedelta(table.days, "D").to_numpy()).strftime("%Y-%m-%d")
    return Case(table, kept=["age", "sex", "stage", "marker"])


@case
def outcome_in_another_unit(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    return Case(table.assign(months=(table.days / 30.44).round(2)), dropped=["months"])
