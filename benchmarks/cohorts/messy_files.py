"""Messy tables: how a table is stored."""

import numpy as np
from messy import Case, case, cohort


@case
def semicolons_and_decimal_commas(rng: np.random.Generator) -> Case:
    text = cohort(rng).to_csv(index=False, sep=";", decimal=",")
    return Case(text.encode(), kinds={"marker": "numeric"})


@case
def tabs(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).to_csv(index=False, sep="\t").encode(), ending=".tsv")


@case
def latin_1(rng: np.random.Generator) -> Case:
    table = cohort(rng).replace({"sex": {"male": "männlich", "female": "weiblich"}})
    text = table.to_csv(index=False)
    return Case(text.encode("latin-1"), levels={"sex": ["männlich", "weiblich"]})


@case
def utf_16(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).to_csv(index=False).encode("utf-16"))


@case
def byte_order_mark(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).to_csv(index=False).encode("utf-8-sig"))


@case
def comment_lines_on_top(rng: np.random.Generator) -> Case:
    text = cohort(rng).to_csv(index=False)
    return Case(f"# exported 2024-01-05\n# by the registry\n{text}".encode())


@case
def thousands_separators(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["platelets"] = [f"{value:,}" for value in rng.integers(90_000, 450_000, len(table))]
    return Case(table, kinds={"platelets": "numeric"})


@case
def windows_line_ends(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).to_csv(index=False, lineterminator="\r\n").encode())


@case
def blank_lines_at_the_end(rng: np.random.Generator) -> Case:
    return Case((cohort(rng).to_csv(index=False) + "\n,,,,,\n,,,,,\n").encode())


@case
def names_with_units(rng: np.random.Generator) -> Case:
    names = {"age": "Age (years)", "marker": "CA-125 [U/mL]", "days": "Time, days", "died": "Died?"}
    table = cohort(rng).rename(columns=names)
    return Case(table, duration="Time, days", event="Died?", kept=["Age (years)", "CA-125 [U/mL]"])


@case
def index_column(rng: np.random.Generator) -> Case:
    text = cohort(rng).to_csv()
    return Case(text.encode(), dropped=["Unnamed: 0"])


@case
def covariate_called_event(rng: np.random.Generator) -> Case:
    table = cohort(rng)
    table["event"] = rng.integers(0, 2, len(table))
    return Case(table)


@case
def name_twice(rng: np.random.Generator) -> Case:
    text = cohort(rng).assign(second=1).to_csv(index=False)
    return Case(text.replace("second", "age", 1).encode(), "refusal", names="age")


@case
def excel(rng: np.random.Generator) -> Case:
    return Case(cohort(rng).to_csv(index=False, sep=";").encode(), ending=".txt")


@case
def quoted_names_and_spaces(rng: np.random.Generator) -> Case:
    text = cohort(rng).to_csv(index=False).replace(",", ", ")
    return Case(text.encode(), levels={"sex": ["female", "male"]})


@case
def outcome_column_not_there(rng: np.random.Generator) -> Case:
    return Case(cohort(rng), "refusal", names="survival", duration="survival")
