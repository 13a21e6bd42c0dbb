"""What a card and the page of an audit both say of two tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan

import pandas as pd
from markupsafe import Markup

from ck4gen.data.schema import CAUSE, DURATION, Schema
from ck4gen.data.understanding import Plan
from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.screen import at_risk, competing
from ck4gen.evaluation import competing_causes, complete_cases
from ck4gen.evaluation.written_hazards import SIDES, ratio_text, readable, with_cause
from ck4gen.experiments.card.curve_points import curve_points
from ck4gen.experiments.card.drawing import Triple, forest
from ck4gen.experiments.card.stratum_curves import stratum_curves
from ck4gen.survival.cumulative_incidence import cumulative_incidence
from ck4gen.survival.kaplan_meier import kaplan_meier, observed_since

MOST_COLUMNS = 200  # in the list of columns; more are in the schema
MOST_TERMS = 60  # in the forest plot and the table; more are in hazard_ratios.csv
UNBROKEN = "\N{NON-BREAKING HYPHEN}"  # keeps an interval on one line


def compared(
    plan: Plan,
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    schema: Schema,
    ratios: pd.DataFrame,
    report: dict,
    fewest: int,
) -> dict:
    """What both say of the columns, the hazard ratios and the curves, as plain values.

    Args:
        plan: How the real table was read.
        real: Its rows.
        synthetic: Synthetic rows.
        schema: Columns of both.
        ratios: Of :func:`ck4gen.evaluation.hazard_table.hazard_table`.
        report: Report of the comparison.
        fewest: See :func:`outcome_curves`.
    """
    return {
        "facts": facts(plan, real),
        "columns": columns_read(plan.kept),
        "left_out": [(column.name, column.drop) for column in plan.columns if column.drop],
        "hazard_ratios": ratio_rows(ratios, schema),
        "hazard_ratios_not_listed": max(len(ratios) - MOST_TERMS, 0),
        "complete_cases": complete_case_error(report),
        "causes": cause_error(report) if schema.causes else "",
        "curves": outcome_curves(real, synthetic, schema, plan.duration.unit, fewest),
    }


def facts(plan: Plan, table: pd.DataFrame) -> list[tuple[str, str]]:
    """The real table in numbers.

    Args:
        plan: How it was read.
        table: Its rows, with the names within.
    """
    how = f" ({plan.event.reason})" if plan.event.reason else ""
    event = f"'{plan.event.name}' is {plan.event.happened}{how}"
    time = f"'{plan.duration.name}', unit {plan.duration.unit}"
    if plan.duration.entry:
        time = f"days from '{plan.duration.entry}' to '{plan.duration.name}'"
    longest = table[DURATION].max()
    return [
        ("Real patients", f"{plan.rows}"),
        ("Events", f"{plan.events} ({plan.events / plan.rows:.0%}): {event}"),
        *(("Competing cause", line) for line in competing(plan)),
        ("Follow-up", f"{time}; median {plan.follow_up:g}, longest {longest:g}"),
        *(("At risk", line) for line in at_risk(plan)),
        ("Columns", f"{len(plan.kept)} used, {len(plan.columns) - len(plan.kept)} left out"),
    ]


def columns_read(columns: Sequence[ColumnPlan]) -> list[tuple[str, str, str]]:
    """A line for each column, and one for those that are too many."""
    lines = [column_read(column) for column in columns[:MOST_COLUMNS]]
    if (more := len(columns) - MOST_COLUMNS) > 0:
        lines.append((f"{more} more", "see schema.yaml", ""))
    return lines


def column_read(column: ColumnPlan) -> tuple[str, str, str]:
    """Name, what it was read as, what was done to it."""
    read = [f"{column.kind}, {column.facts}" if column.facts else column.kind]
    read += [text for text in (column.meaning, column.unit and f"unit {column.unit}") if text]
    done = [f"blank where {', '.join(column.missing)}"] if column.missing else []
    return column.name, "; ".join(read), "; ".join([*done, *column.notes])


def hazard_error(release: dict) -> str:
    """How near the hazard ratios are, as a sentence."""
    inside, error = (
        release["metrics"][f"hazard/{name}"]["value"] for name in ("in_ci", "log_hr_z")
    )
    if inside is None or error is None:
        return f"They could not be compared: {release['metrics']['hazard/log_hr_z']['reason']}."
    return (
        f"{inside:.0%} of the synthetic hazard ratios lie within the real 95% interval. On average "
        f"they are {error:.2f} standard errors away from the real ones; those of a second "
        "cohort of as many patients would be about 1.1 away, by chance alone."
    )


def complete_case_error(release: dict) -> str:
    """How near the hazard ratios of the rows without blanks are; empty without blanks."""
    error, inside, real, made = (release["metrics"][name] for name in complete_cases.NAMES)
    if real["value"] is None or made["value"] is None:
        return ""
    rows = f"{real['value']:.0%} of the real rows and {made['value']:.0%} of the synthetic ones"
    opening = f"Complete cases: {rows} have no blank."
    if error["value"] is None or inside["value"] is None:
        return f"{opening} Their hazard ratios could not be compared: {error['reason']}."
    return (
        f"{opening} Their Cox model has {inside['value']:.0%} of the synthetic hazard "
        "ratios within the real 95% interval, on average "
        f"{error['value']:.2f} standard errors away."
    )


def ratio_rows(ratios: pd.DataFrame, schema: Schema) -> list[dict]:
    """Each hazard ratio with its interval, as numbers and as text; None where there is none.

    Args:
        ratios: Of :func:`ck4gen.evaluation.hazard_table.hazard_table`.
        schema: Columns of both tables.
    """
    rows = []
    for row in map(readable, ratios.head(MOST_TERMS).to_dict("records")):
        inside = "-" if pd.isna(row["synthetic"]) else ("yes" if row["in_ci"] else "no")
        texts = {f"{s}_text": ratio_text(row, s).replace("-", UNBROKEN) for s in SIDES}
        numbers: dict[str, object] = {side: _triple(row, side) for side in SIDES}
        name = with_cause(row, _name(row["term"], schema, row["per"]))
        rows.append({"name": name, "inside": inside} | numbers | texts)
    return rows


def forest_figure(rows: list[dict]) -> Markup:
    """The picture of :func:`ratio_rows`."""

    def triple(ends: list[float | None]) -> Triple:
        estimate, low, high = (nan if end is None else end for end in ends)
        return estimate, low, high

    return Markup(forest([(r["name"], triple(r["real"]), triple(r["synthetic"])) for r in rows]))


def _name(term: str, schema: Schema, per: float) -> str:
    """A term of the Cox model as people say it, with how many units its hazard ratio is for."""
    for column in schema:
        if term in column.terms:
            if column.kind == "categorical":
                level = column.levels[1 + column.terms.index(term)]
                return f"{column.name}: {level} against {column.levels[0]}"
            if column.kind != "numeric":
                return column.name
            unit = column.unit or ("unit" if per == 1 else "units")
            return f"{column.name}, per " + f"{per:,.0f} " * (per > 1) + unit
    return term


def _triple(row: Mapping, side: str) -> list[float | None]:
    ends = (row[side], row[f"{side}_low"], row[f"{side}_high"])
    return [float(end) if isfinite(end) else None for end in ends]


def cause_error(release: dict) -> str:
    """How near the hazard ratios of competing causes are, as a sentence."""
    error, inside = (release["metrics"][name] for name in competing_causes.HAZARD)
    if error["value"] is None or inside["value"] is None:
        return f"Causes that compete could not be compared: {error['reason']}."
    return (
        "Each cause has a model of its own, in which every other cause counts as censored. Of the "
        f"causes beside the event, {inside['value']:.0%} of the synthetic hazard ratios lie within "
        f"the real 95% interval, on average {error['value']:.2f} standard errors away."
    )


def outcome_curves(
    real_table: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, unit: str, fewest: int
) -> list[dict]:
    """Curves of the outcome as plain numbers, each with its caption.

    Args:
        real_table: Real rows.
        synthetic: Synthetic rows.
        schema: Columns of both.
        unit: Unit of the time.
        fewest: Patients at risk from which on curves are drawn, where they enter late.
    """
    title = "Share of patients without the event by time (Kaplan-Meier)"
    if not schema.causes:
        try:
            since = observed_since(real_table, fewest)
        except ValueError:  # the metrics say so
            return []
        if since is not None:
            title += (
                f", of those who lived to {since:g}: before that too few were under observation"
            )
        pair = kaplan_meier(real_table, since), kaplan_meier(synthetic, since)
        strata = stratum_curves(real_table, synthetic, schema, unit, fewest)
        return [curve_points(*pair, unit, title), *strata]
    meanings = (schema.event_meaning, *schema.causes)
    present = len({*synthetic[CAUSE]} - {0}) == len(meanings)
    if not present:  # the metrics say so
        return []
    real, made = (cumulative_incidence(t, len(meanings)) for t in (real_table, synthetic))
    figures = []
    for cause, meaning in enumerate(meanings, 1):
        title = f"Share of patients with {meaning} by time (Aalen-Johansen)"
        figures.append(curve_points(real[cause], made[cause], unit, title))
    return figures
