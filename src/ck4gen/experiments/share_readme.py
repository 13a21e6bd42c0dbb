"""What the recipient of a synthetic table should know, as plain text."""

from __future__ import annotations

from typing import Any

import yaml

from ck4gen.data.understanding import Plan

TEXT = """\
A synthetic table of {rows} rows. No row is a patient.

synthetic.csv   the table
codebook.yaml   what each column means, its unit, its kind and its levels

The outcome: '{duration}' is the time, unit {unit}; '{event}' is {happened} where the event happened
and {censored} where the row is censored.

What you may conclude. A Cox model of all covariates has the hazard ratios of the real patients, up
to sampling error. The table holds the information of {trained_on} patients and noise that protects
them: multiply the standard errors of an analysis by {factor:.2f}.

What you may not conclude. Nothing about a single patient: rows are drawn, not copied. Relations
that the generator was not asked to keep, as those within small subgroups, may differ from the real
ones. Ask the custodian of the data to repeat an important result on the real table.

Made by ck4gen {version}, method {method}.
"""


def readme(plan: Plan, codebook: str, report: dict) -> str:
    """The text.

    Args:
        plan: How the real table was read.
        codebook: Codebook of the run, YAML text.
        report: Report of the run.
    """
    book: dict[str, Any] = yaml.safe_load(codebook)
    return TEXT.format(
        rows=book["rows"],
        trained_on=book["effective_n"],
        factor=book["standard_error_factor"],
        duration=plan.duration_name,
        unit=plan.duration.unit,
        event=plan.event.name,
        happened=plan.event.happened,
        censored=plan.event.censored,
        version=report["versions"]["ck4gen"],
        method=report["method"],
    )
