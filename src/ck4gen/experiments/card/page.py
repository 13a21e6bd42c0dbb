"""Everything that a card says, as text, and the page that it is put into."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from ck4gen.data.schema import CAUSE, DURATION, Schema
from ck4gen.data.understanding.column_plan import ColumnPlan
from ck4gen.data.understanding.screen import competing
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation import competing_causes, complete_cases
from ck4gen.evaluation.written_hazards import ratio_text, row_name
from ck4gen.experiments.card import attackers
from ck4gen.experiments.card.drawing import Triple, curves, forest
from ck4gen.experiments.display import of_method
from ck4gen.experiments.share_readme import conclusions
from ck4gen.pages import page_environment
from ck4gen.survival.cumulative_incidence import cumulative_incidence
from ck4gen.survival.kaplan_meier import kaplan_meier

MOST_TERMS = 60  # in the forest plot and the table; more are in hazard_ratios.csv
SIDES = ("real", "synthetic")
UNBROKEN = "\N{NON-BREAKING HYPHEN}"  # keeps an interval on one line
BLANKS = {
    "keep": "kept: the synthetic table has blanks as the real one has",
    "impute": "filled before the fit: the synthetic table has none",
    "refuse": "none",
}


def card(
    data: FrameDataModule,
    synthetic: pd.DataFrame,
    ratios: pd.DataFrame,
    codebook: str,
    release: dict,
    audit: dict,
) -> str:
    """The page as HTML.

    Args:
        data: The real cohort.
        synthetic: (m, p + 2) synthetic rows, with the names within.
        ratios: Of :func:`ck4gen.evaluation.hazard_table.hazard_table`.
        codebook: Codebook of the run, YAML text.
        release: Report of the run behind the table.
        audit: Report of the run with patients held out.
    """
    environment = page_environment("ck4gen.experiments.card")
    plan, may = data.plan, conclusions(codebook, release)
    verdict = audit["verdict"]["overall"]
    return environment.get_template("card.html.j2").render(
        file=Path(release["config"]["data"]["path"]).name,
        rows=len(synthetic),
        facts=_facts(data),
        made=_settings(release, audit),
        columns=[_column(column) for column in plan.kept],
        dropped=[(column.name, column.drop) for column in plan.columns if column.drop],
        rules=[rule.sentence for rule in data.schema.rules],
        notes=_notes(data, release, audit),
        forest=Markup(forest(_rows(ratios, data.schema))),
        hazard=_hazard(release),
        complete=_complete_cases(release),
        ratios=_table(ratios, data.schema),
        more=max(len(ratios) - MOST_TERMS, 0),
        curves=_curves(data, synthetic),
        causes=_causes(release) if data.schema.causes else "",
        verdict=verdict or "none",
        headline=attackers.HEADLINES[verdict],
        attacks=attackers.attacks(audit),
        worst_case=attackers.worst_case(release),
        not_proven=attackers.NOT_PROVEN,
        may=may[0],
        may_not=may[1],
        today=date.today().isoformat(),
    )


def _facts(data: FrameDataModule) -> list[tuple[str, str]]:
    """The real table in numbers."""
    plan = data.plan
    how = f" ({plan.event.reason})" if plan.event.reason else ""
    event = f"'{plan.event.name}' is {plan.event.happened}{how}"
    time = f"'{plan.duration.name}', unit {plan.duration.unit}"
    if plan.duration.entry:
        time = f"days from '{plan.duration.entry}' to '{plan.duration.name}'"
    longest = data.table[DURATION].max()
    return [
        ("Real patients", f"{plan.rows}"),
        ("Events", f"{plan.events} ({plan.events / plan.rows:.0%}): {event}"),
        *(("Competing cause", line) for line in competing(plan)),
        ("Follow-up", f"{time}; median {plan.follow_up:g}, longest {longest:g}"),
        ("Columns", f"{len(plan.kept)} used, {len(plan.columns) - len(plan.kept)} left out"),
    ]


def _settings(release: dict, audit: dict) -> list[tuple[str, str]]:
    """Version, method and settings."""
    config, name = release["config"], release["method"]
    commit = f", commit {release['commit'][:12]}" if release["commit"] else ""
    title = of_method(name).title
    fewest = config["data"]["understanding"]["min_cell"]
    return [
        ("Program", f"ck4gen {release['versions']['ck4gen']}{commit}"),
        ("Method", name if title == name else f"{title} ({name})"),
        ("Protection", _protection(release)),
        ("Blanks", BLANKS[config["data"]["missing"]]),
        ("Levels", f"those of fewer than {fewest} patients are merged"),
        ("Seed", f"{release['seed']}"),
        (
            "Audit",
            f"the same once more with {audit['config']['holdout']:.0%} of the patients left out",
        ),
    ]


def _protection(release: dict) -> str:
    noise = release["diagnostics"].get("guard/noise")
    if not noise:
        return "none: numbers of real patients reach the table as they are"
    capped = release["diagnostics"]["guard/capped"]
    return (
        f"every number is taken under secret random weights of the patients, noise {noise:g} of "
        f"the sampling error; {capped:.0f} patients of great influence were given less weight"
    )


def _column(column: ColumnPlan) -> tuple[str, str, str]:
    """Name, what it was read as, what was done to it."""
    read = [f"{column.kind}, {column.facts}" if column.facts else column.kind]
    read += [text for text in (column.meaning, column.unit and f"unit {column.unit}") if text]
    done = [f"blank where {', '.join(column.missing)}"] if column.missing else []
    return column.name, "; ".join(read), "; ".join([*done, *column.notes])


def _notes(data: FrameDataModule, release: dict, audit: dict) -> list[str]:
    plan = data.plan
    said = {*release["warnings"], *audit["warnings"]}
    own = sorted(note for note in said if not note.startswith("left out"))
    return [*plan.event.notes, *plan.duration.notes, *plan.notes, *own]


def _hazard(release: dict) -> str:
    """How near the hazard ratios are, as a sentence."""
    inside, error = (
        release["metrics"][f"hazard/{name}"]["value"] for name in ("in_ci", "log_hr_z")
    )
    if inside is None or error is None:
        return f"They could not be compared: {release['metrics']['hazard/log_hr_z']['reason']}."
    return (
        f"{inside:.0%} of the synthetic hazard ratios lie within the real 95% interval. On average "
        f"they are {error:.2f} standard errors away from the real ones; a second "
        "sample of as many patients would be about 0.8 away."
    )


def _complete_cases(release: dict) -> str:
    """How near the hazard ratios of the rows without blanks are; empty without blanks."""
    error, inside, real, made = (release["metrics"][name] for name in complete_cases.NAMES)
    if real["value"] is None or made["value"] is None:
        return ""
    rows = f"{real['value']:.0%} of the real rows and {made['value']:.0%} of the synthetic ones"
    said = f"Complete cases: {rows} have no blank."
    if error["value"] is None or inside["value"] is None:
        return f"{said} Their hazard ratios could not be compared: {error['reason']}."
    return (
        f"{said} Their Cox model has {inside['value']:.0%} of the synthetic hazard "
        f"ratios within the real 95% interval, on average {error['value']:.2f} standard errors off."
    )


def _causes(release: dict) -> str:
    """How near the hazard ratios of competing causes are, as a sentence."""
    error, inside = (release["metrics"][name] for name in competing_causes.HAZARD)
    if error["value"] is None or inside["value"] is None:
        return f"Causes that compete could not be compared: {error['reason']}."
    return (
        "Each cause has a model of its own, in which every other cause counts as censored. Of the "
        f"causes beside the event, {inside['value']:.0%} of the synthetic hazard ratios lie within "
        f"the real 95% interval, on average {error['value']:.2f} standard errors off."
    )


def _curves(data: FrameDataModule, synthetic: pd.DataFrame) -> list[tuple[Markup, str]]:
    """Figures of the outcome, each with its caption."""
    unit = data.plan.duration.unit
    title = "Share of patients without the event by time (Kaplan-Meier)"
    if not data.schema.causes:
        drawn = curves(kaplan_meier(data.table), kaplan_meier(synthetic), unit, title)
        return [(Markup(drawn), title)]
    meanings = (data.schema.event_meaning, *data.schema.causes)
    present = len({*synthetic[CAUSE]} - {0}) == len(meanings)
    if not present:  # the metrics say so
        return []
    real, made = (cumulative_incidence(t, len(meanings)) for t in (data.table, synthetic))
    figures = []
    for cause, meaning in enumerate(meanings, 1):
        title = f"Share of patients with {meaning} by time (Aalen-Johansen)"
        figures.append((Markup(curves(real[cause], made[cause], unit, title)), title))
    return figures


def _name(term: str, schema: Schema) -> str:
    """A term of the Cox model as people say it."""
    for column in schema:
        if term in column.terms:
            if column.kind == "categorical":
                level = column.levels[1 + column.terms.index(term)]
                return f"{column.name}: {level} against {column.levels[0]}"
            unit = column.unit or "unit"
            return f"{column.name}, per {unit}" if column.kind == "numeric" else column.name
    return term


def _rows(ratios: pd.DataFrame, schema: Schema) -> list[tuple[str, Triple, Triple]]:
    shown = ratios.head(MOST_TERMS).to_dict("records")
    return [
        (row_name(row, _name(row["term"], schema)), _triple(row, "real"), _triple(row, "synthetic"))
        for row in shown
    ]


def _triple(row: Mapping, side: str) -> Triple:
    return row[side], row[f"{side}_low"], row[f"{side}_high"]


def _table(ratios: pd.DataFrame, schema: Schema) -> list[tuple[str, str, str, str]]:
    rows = []
    for row in ratios.head(MOST_TERMS).to_dict("records"):
        inside = "-" if pd.isna(row["synthetic"]) else ("yes" if row["in_ci"] else "no")
        real, synthetic = (ratio_text(row, side).replace("-", UNBROKEN) for side in SIDES)
        rows.append((row_name(row, _name(row["term"], schema)), real, synthetic, inside))
    return rows
