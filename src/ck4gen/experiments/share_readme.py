"""What the recipient of a synthetic table should know, as plain text."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import yaml

from ck4gen.data.understanding import Plan
from ck4gen.experiments import store
from ck4gen.experiments.protection import noisy

CODEBOOK = "codebook.yaml"
LINE = 100  # characters of a line
MAY = (
    "A Cox model of all columns gives about the hazard ratios of the real patients, as a second "
    "sample of patients would."
)
NOT_ALL = (
    "A Cox model of all columns was to give about the hazard ratios of the real patients. Not all "
    "of them could be kept: some columns have too few patients at a value, or none. Ask the "
    "custodian of the data which."
)
HOLDS = " The table holds the information of {trained_on} patients{noise}."
FAR = 1.0  # standard errors from what a hazard ratio was to be
NOISE = ", and noise that protects them"
TOO_SMALL = (
    " So the standard errors that your program prints are too small: multiply them by {factor:.2f}."
)
DRAWN = "Nothing about a single patient: rows are drawn, not copied."
COPIED = "Nothing about a single patient, although times and events are those of real patients."
MAY_NOT = (
    "{opening} What the program was not asked to "
    "keep, as effects within small groups, may differ from the real patients. Ask the custodian of "
    "the data to repeat an important result on the real table: a program that runs on this one "
    "runs there as it is."
)
REAL_ROWS = "Rows of this table are those of real patients: it must not be passed on."
TEXT = """\
{opening}

synthetic.csv   the table
{further}codebook.yaml   what each column means, its unit, its kind and its values
{public}
{outcome}

{may}

{may_not}

Made by ck4gen {version}, method {method}.
"""
PUBLIC = """\
about.html      this text and more, as a page; about.json holds the same for programs
croissant.json, health_dcat.jsonld
                the same for catalogues of data (Croissant, HealthDCAT-AP)
"""


def conclusions(codebook: str, report: dict) -> tuple[str, str]:
    """What a recipient may conclude, and what not.

    Args:
        codebook: Codebook of the run, YAML text.
        report: Report of the run.
    """
    book: dict[str, Any] = yaml.safe_load(codebook)
    factor = book["standard_error_factor"]
    noise = NOISE if noisy(report) else ""
    may = MAY if _kept(report) else NOT_ALL
    may += HOLDS.format(trained_on=book["effective_n"], noise=noise)
    may += TOO_SMALL.format(factor=factor) if factor > 1 else ""
    if report["contains_real"]:
        return may, REAL_ROWS
    return may, MAY_NOT.format(opening=COPIED if report["times_copied"] else DRAWN)


def _kept(report: dict) -> bool:
    """Whether the table has about the hazard ratios that it was to have."""
    diagnostics = report["diagnostics"]
    lost, error = (
        diagnostics.get("calibration/degenerate", 0),
        diagnostics.get("calibration/max_z", 0),
    )
    return not lost and error <= FAR


def outcome_columns(plan: Plan) -> str:
    """What the outcome columns of the table are, in sentences.

    Args:
        plan: How the real table was read.
    """
    text = (
        f"The outcome: '{plan.duration_name}' is the time, unit {plan.duration.unit}; "
        f"'{plan.event.name}' is {plan.event.happened} where the event happened and "
        f"{plan.event.censored} where the follow-up ended without it (censored)."
    )
    if plan.event.competing:
        others = ", ".join(texts[0] for texts in plan.event.competing)
        text += (
            f" Causes that compete with the event are {others}. Each cause has the hazard ratios "
            "of its own Cox model, in which every other one counts as censored."
        )
    if plan.entry:
        text += (
            f" Patients came late under observation: each row is at risk after '{plan.entry}' and "
            f"up to '{plan.duration_name}' (delayed entry, left truncation), and every analysis "
            "has to take that into account."
        )
    if plan.strata:
        text += (
            f" The Cox model is stratified by {' and '.join(plan.strata)}: each stratum has a "
            "baseline hazard of its own, and no hazard ratio."
        )
    return text


def shared_files(tables: int) -> dict[str, str]:
    """What each file of the folder holds, by its name.

    Args:
        tables: Synthetic tables in it.
    """
    files = {store.SYNTHETIC: "the table"}
    for number in range(1, tables):
        files[store.further_table(number)] = "a further table"
    return files | {CODEBOOK: "what each column means, its unit, its kind and its values"}


def readme(plan: Plan, codebook: str, report: dict) -> str:
    """The text.

    Args:
        plan: How the real table was read.
        codebook: Codebook of the run, YAML text.
        report: Report of the run.
    """
    rows = yaml.safe_load(codebook)["rows"]
    may, may_not = conclusions(codebook, report)
    opening = f"A synthetic table of {rows} rows."
    return TEXT.format(
        opening=opening if report["contains_real"] else f"{opening} No row is a patient.",
        further=_further(report["config"]["tables"]),
        public="" if report["contains_real"] else PUBLIC,
        outcome=fill(outcome_columns(plan), LINE),
        may=fill(f"What you may conclude. {may}", LINE),
        may_not=fill(f"What you may not conclude. {may_not}", LINE),
        version=report["versions"]["ck4gen"],
        method=report["method"],
    )


def _further(tables: int) -> str:
    """The line of the tables after the first; nothing where there are none."""
    if tables == 1:
        return ""
    last = store.further_table(tables - 1)
    text = f"tables after the first, up to {last}: analyse each and combine the"
    return f"{store.further_table(1)} ...   {text}\n                results, as ck4gen pool does\n"
