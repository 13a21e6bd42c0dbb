"""Descriptive statistics, real beside synthetic."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.report.figures.labels import capital
from ck4gen.report.items import Table
from ck4gen.report.registry import table
from ck4gen.report.results import FAMILY, Results
from ck4gen.report.style import name_of, title_of


@table(order=10)
def descriptive(results: Results, dataset: str) -> Table:
    """Mean ± SD and median (Q1-Q3) of numerics, shares of categories; release, lowest seed."""
    cohort = results.cohort(dataset)
    methods = [m for m in results.methods if m.startswith(FAMILY) or m == results.generator]
    runs = results.compared(dataset, "release", methods)
    columns = {"Real": dict(statistics(cohort.table, cohort.schema))}
    for method, method_runs in runs.items():
        table = results.synthetic(method_runs[0])
        columns[name_of(method)] = dict(statistics(table, cohort.schema))
    names = {"index": "Characteristic"}
    frame = pd.DataFrame(columns).reset_index().rename(columns=names)
    seeds = ", ".join(
        f"{name_of(method)} {method_runs[0].seed}" for method, method_runs in runs.items()
    )
    caption = (
        "Numerics: mean ± SD, and median (Q1-Q3). Binaries and categories: % of patients. Seeds: "
        f"{seeds}."
    )
    commands = [results.command("train", dataset, "release", list(runs))]
    return Table(f"Descriptive statistics, {title_of(dataset)}", caption, frame, commands)


def statistics(table: pd.DataFrame, schema: Schema) -> Iterator[tuple[str, str]]:
    """Rows of one column of the table: what, and its value as text."""
    yield "Patients", str(len(table))
    yield f"{capital(schema.event_meaning)}, %", _percent(table[EVENT] == 1)
    yield from _numeric(f"Follow-up, {schema.duration_unit}", table[DURATION])
    for column in schema:
        label = column.meaning or column.name
        values = table[column.name]
        if column.kind == "numeric":
            unit = f", {column.unit}" if column.unit else ""
            yield from _numeric(f"{column.name}: {label}{unit}", values)
        elif column.kind == "binary":
            yield f"{column.name}: {label}, %", _percent(values == 1)
        else:
            for level in column.levels:
                yield f"{column.name}: {level}, %", _percent(values.astype(str) == level)


def _numeric(label: str, values: pd.Series) -> Iterator[tuple[str, str]]:
    yield f"{label}, mean ± SD", f"{values.mean():.2f} ± {values.std():.2f}"
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    yield f"{label}, median (Q1-Q3)", f"{middle:.4g} ({low:.4g}-{high:.4g})"


def _percent(hit: pd.Series) -> str:
    return f"{100 * hit.mean():.1f}"
