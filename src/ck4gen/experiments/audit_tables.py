"""The audit of a synthetic table that was made anywhere, against the real one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from ck4gen.config import choices, defaults
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.control import together
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.hazard_table import hazard_table
from ck4gen.evaluation.privacy.control_check import control_notes
from ck4gen.evaluation.privacy.small_cells import small_cells
from ck4gen.evaluation.privacy.verdict import verdict
from ck4gen.evaluation.shared_rows import within
from ck4gen.evaluation.table_pair import HOLDOUT, SYNTHETIC, TablePair
from ck4gen.experiments import store
from ck4gen.experiments.read_pair import SCRIPT
from ck4gen.settings import InputError, build

PAGE, CONTENT = store.AUDIT_PAGE, store.AUDIT_CONTENT
ALL_TABLES = (
    "{} synthetic tables were attacked together, as whoever receives them can; hazard ratios, "
    "curves and columns are those of the first"
)


@dataclass(frozen=True)
class Audited:
    """A pair of tables and what the audit found.

    Attributes:
        pair: The tables.
        settings: How they were evaluated.
        metrics: Every metric by name.
        verdict: As in ``report.json``.
        ratios: Hazard ratios, of :func:`ck4gen.evaluation.hazard_table.hazard_table`.
        cells: Small cells that the table repeats, or the reason why there are none to list.
        notes: What the user should know.
    """

    pair: TablePair
    settings: EvaluationSettings
    metrics: dict[str, Metric]
    verdict: dict
    ratios: pd.DataFrame
    cells: pd.DataFrame | str
    notes: tuple[str, ...]


def audit_tables(pair: TablePair, level: str | None = None) -> Audited:
    """Evaluate a synthetic table and attack it.

    Args:
        pair: The tables, all that leave together; without patients held out, attacks that need
            them are left out, and the verdict is no pass.
        level: A file of ``conf/evaluation``; None: by the number of rows.

    Raises:
        InputError: There is no such level.
    """
    if level is None:
        rows = max(len(pair.real), sum(map(len, pair.leaving)))
        level = "large" if rows > defaults(script=SCRIPT)["large_rows"] else "full"
    settings = evaluation_settings(level)
    tables = pair.real, pair.synthetic, pair.schema
    comparison = CoxComparison(*tables, settings)
    metrics = evaluate(
        *tables,
        settings=settings,
        holdout=pair.holdout,
        comparison=comparison,
        further=pair.further,
    )
    real_tables = [pair.real, *([] if pair.holdout is None else [pair.holdout])]
    privacy_verdict = verdict(
        metrics,
        settings.verdict,
        contains_real=any(within(t, real_tables, list(pair.real)) for t in pair.leaving),
        times_copied=any(within(t, [pair.real], [DURATION, EVENT]) for t in pair.leaving),
        patients=sum(map(len, real_tables)),
    )
    try:
        leaving = together(pair.leaving)
        cells: pd.DataFrame | str = small_cells(
            pair.real, leaving, pair.schema, settings.privacy.small_cell
        )[0]
    except ValueError as error:
        cells = str(error)
    notes = pair.notes + (ALL_TABLES.format(len(pair.leaving)),) * bool(pair.further)
    if pair.holdout is not None:
        notes += tuple(control_notes(pair.real, pair.holdout, pair.schema, settings))
    return Audited(pair, settings, metrics, privacy_verdict, hazard_table(comparison), cells, notes)


def write_audit(audited: Audited, names: dict[str, str], folder: Path, force: bool = False) -> None:
    """Write ``audit.html`` and its content as JSON, the report and the hazard ratios.

    Args:
        audited: The audit.
        names: What the tables are called, by role.
        folder: The folder, for whoever keeps the real data.
        force: Replace it.

    Raises:
        InputError: The folder is there already; nothing was written.
    """
    store.check_folder_free(folder, force, store.AUDITED)
    from ck4gen.experiments.card.audit_content import audit_content  # drawing: no refusal needs it
    from ck4gen.experiments.card.page import AUDIT, page

    report = report_of(audited, names)
    with store.assembled(folder) as scratch:
        audited.ratios.to_csv(scratch / store.HAZARD_RATIOS, index=False)
        listed = defaults(script=SCRIPT)["cells_listed"]
        content = audit_content(audited, report, listed, date.today())
        (scratch / PAGE).write_text(page(content, AUDIT), encoding="utf-8")
        store.write_json(scratch / CONTENT, content)
        store.write_report(scratch, report)


def report_of(audited: Audited, names: dict[str, str]) -> dict:
    """The audit as plain JSON values."""
    pair = audited.pair
    rows = {"real": len(pair.real), SYNTHETIC: sum(map(len, pair.leaving))}
    if pair.holdout is not None:
        rows[HOLDOUT] = len(pair.holdout)
    return {
        "tables": names,
        "rows": rows,
        "synthetic_tables": len(pair.leaving),
        "level": audited.settings.name,
        "notes": list(audited.notes),
        "metrics": {name: metric.as_dict() for name, metric in audited.metrics.items()},
        "verdict": audited.verdict,
        "config": {"evaluation": asdict(audited.settings)},
        **store.provenance(),
    }


def evaluation_settings(level: str) -> EvaluationSettings:
    """The settings of a file of ``conf/evaluation``.

    Raises:
        InputError: There is no such file.
    """
    levels = choices("evaluation")
    if level not in levels:
        raise InputError(f"level is '{level}'; choose one of {', '.join(levels)}")
    return build(EvaluationSettings, "evaluation", defaults(f"evaluation={level}")["evaluation"])
