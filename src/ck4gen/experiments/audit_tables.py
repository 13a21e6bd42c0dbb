"""The audit of a synthetic table that was made anywhere, against the real one."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ck4gen.config import choices, defaults
from ck4gen.data.reading import Source, plain_frame, read_table_file
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import LEFT_OUT, FrameDataModule
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.cox_comparison import CoxComparison
from ck4gen.evaluation.evaluate import evaluate
from ck4gen.evaluation.hazard_table import hazard_table
from ck4gen.evaluation.known_rows import within
from ck4gen.evaluation.privacy.control_check import control_notes
from ck4gen.evaluation.privacy.small_cells import small_cells
from ck4gen.evaluation.privacy.verdict import verdict
from ck4gen.evaluation.table_pair import HOLDOUT, SYNTHETIC, TablePair
from ck4gen.experiments import store
from ck4gen.settings import InputError, build

SCRIPT = "audit_tables"
PAGE = "audit.html"


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


def audit_tables(
    real: Any,
    synthetic: Any,
    holdout: Any = None,
    *,
    duration: str = DURATION,
    event: str = EVENT,
    entry_date: str | None = None,
    event_of_interest: str | None = None,
    drop: Collection[str] = (),
    schema: str | None = None,
    level: str | None = None,
) -> Audited:
    """Evaluate a synthetic table and attack it.

    Args:
        real: Rows that it was made from: a frame of any library, or the path of a file.
        synthetic: Synthetic rows, likewise.
        holdout: Real rows that no part of the generator has seen, or None: then attacks that
            need them are left out, and the verdict is no pass.
        duration: Name of the duration column of all tables.
        event: Name of the event column.
        entry_date: Name of the column of entry dates, where ``duration`` names a date.
        event_of_interest: Value of the event column that is the event.
        drop: Columns to leave out.
        schema: A schema file: how columns are read; None: by rule, from the real table.
        level: A file of ``conf/evaluation``; None: by the number of rows.

    Raises:
        InputError: A table cannot be used; every reason is named.
    """
    keys = defaults(script=SCRIPT)
    if level is not None:
        evaluation_settings(level)  # a wrong one fails before anything is read
    given = {"real": real, SYNTHETIC: synthetic} | ({} if holdout is None else {HOLDOUT: holdout})
    sources = _sources(given)
    first = sources.pop("real")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        data = FrameDataModule(
            first,
            duration,
            event,
            keys["data"]["max_levels"],
            entry_date=entry_date,
            event_of_interest=event_of_interest,
            drop=drop,
            schema=schema,
            missing="keep",
            understanding=keys["data"]["understanding"],
        )
        pair = TablePair.of(data, {role: source.frame for role, source in sources.items()})
    said = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    notes = [note for note in said if not note.startswith(LEFT_OUT)]
    rows = max(len(table) for table in (pair.real, pair.synthetic))
    if level is None:
        level = "large" if rows > keys["large_rows"] else "full"
    settings = evaluation_settings(level)
    return _audited(pair, settings, (*pair.notes, *notes))


def _audited(pair: TablePair, settings: EvaluationSettings, notes: tuple[str, ...]) -> Audited:
    tables = pair.real, pair.synthetic, pair.schema
    comparison = CoxComparison(*tables, settings)
    metrics = evaluate(*tables, settings=settings, holdout=pair.holdout, comparison=comparison)
    known = [pair.real, *([] if pair.holdout is None else [pair.holdout])]
    judged = verdict(
        metrics,
        settings.verdict,
        contains_real=within(pair.synthetic, known, list(pair.real)),
        times_copied=within(pair.synthetic, [pair.real], [DURATION, EVENT]),
    )
    try:
        cells: pd.DataFrame | str = small_cells(*tables, settings.privacy.small_cell)[0]
    except ValueError as error:
        cells = str(error)
    if pair.holdout is not None:
        notes += tuple(control_notes(pair.real, pair.holdout, pair.schema, settings))
    return Audited(pair, settings, metrics, judged, hazard_table(comparison), cells, notes)


def write_audit(found: Audited, names: dict[str, str], folder: Path, force: bool = False) -> None:
    """Write ``audit.html``, ``report.json`` and ``hazard_ratios.csv`` into a new folder.

    Args:
        found: The audit.
        names: What the tables are called, by role.
        folder: The folder, for whoever keeps the real data.
        force: Replace it.

    Raises:
        InputError: The folder is there already; nothing was written.
    """
    if folder.exists() and not force:
        raise InputError(f"{folder} is there already; name another --out, or add --force")
    from ck4gen.experiments.card.audit_page import audit_page  # drawing, which no refusal needs

    report = report_of(found, names)
    with store.assembled(folder) as scratch:
        found.ratios.to_csv(scratch / store.HAZARD_RATIOS, index=False)
        page = audit_page(found, report, defaults(script=SCRIPT)["cells_listed"])
        (scratch / PAGE).write_text(page, encoding="utf-8")
        store.write_report(scratch, report)


def report_of(found: Audited, names: dict[str, str]) -> dict:
    """The audit as plain JSON values."""
    pair = found.pair
    rows = {"real": len(pair.real), SYNTHETIC: len(pair.synthetic)}
    if pair.holdout is not None:
        rows[HOLDOUT] = len(pair.holdout)
    return {
        "tables": names,
        "rows": rows,
        "level": found.settings.name,
        "notes": list(found.notes),
        "metrics": {name: metric.as_dict() for name, metric in found.metrics.items()},
        "verdict": found.verdict,
        "config": {"evaluation": asdict(found.settings)},
        **store.provenance(),
    }


def _sources(given: dict[str, Any]) -> dict[str, Source]:
    """The tables as they are read; paths that are no files are named all at once."""
    paths = {role: t for role, t in given.items() if isinstance(t, str | Path)}
    wrong = [f"{role} table '{p}'" for role, p in paths.items() if not _file(p).is_file()]
    if wrong:
        raise InputError(f"there is no such file: {', '.join(wrong)}; looked in {Path.cwd()}")
    return {
        role: read_table_file(table) if role in paths else Source(plain_frame(table))
        for role, table in given.items()
    }


def _file(path: str | Path) -> Path:
    return Path(path).expanduser()


def evaluation_settings(level: str) -> EvaluationSettings:
    """The settings of a file of ``conf/evaluation``.

    Raises:
        InputError: There is no such file.
    """
    known = choices("evaluation")
    if level not in known:
        raise InputError(f"level is '{level}'; choose one of {', '.join(known)}")
    return build(EvaluationSettings, "evaluation", defaults(f"evaluation={level}")["evaluation"])
