"""A real table and one that was made of it anywhere, coded alike; all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ck4gen.data.reading import as_source
from ck4gen.data.schema import DURATION, ENTRY, Schema
from ck4gen.data.understanding import Plan
from ck4gen.data.understanding.faults import Fault, TableFaults
from ck4gen.data.understanding.raw_column import RawColumn
from ck4gen.data.understanding.understand import raw_columns
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.read_alike import read_alike
from ck4gen.settings import InputError

SYNTHETIC, HOLDOUT = "synthetic", "holdout"
FEWEST_ROWS = 2  # of a table that has a spread


def further(number: int) -> str:
    """Role of a further synthetic table, counted from 1; its file in a run is called like that."""
    return f"{SYNTHETIC}-{number + 1}"


@dataclass(frozen=True)
class TablePair:
    """Tables under this package's names, as the plan of the real one reads them.

    Attributes:
        real: (n, p + 2) rows that the generator was fitted on.
        synthetic: (m, p + 2) synthetic rows.
        holdout: (k, p + 2) real rows that no part of the generator has seen, or None.
        schema: Columns of all.
        plan: How the real table was read.
        notes: What the user should know of how the others were read.
        further: Synthetic tables that leave together with the first.
    """

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    schema: Schema
    plan: Plan
    notes: tuple[str, ...] = field(default=())
    further: tuple[pd.DataFrame, ...] = field(default=())

    @property
    def leaving(self) -> list[pd.DataFrame]:
        """Every synthetic table."""
        return [self.synthetic, *self.further]

    @classmethod
    def of(cls, data: FrameDataModule, real: Any, others: Mapping[str, Any]) -> TablePair:
        """Read the other tables as the real one is read.

        Args:
            data: The real table, understood.
            real: The same as it was read.
            others: Frames of any library or tables as they were read, ``synthetic``, maybe
                ``holdout`` and maybe further tables as :func:`further` calls them.

        Raises:
            InputError: A table lacks a column, has one too many, has no rows, or has an outcome,
                blanks or texts that the real one cannot have; every reason is named.
        """
        data.setup()
        real_columns, event = raw_columns(as_source(real)), data.plan.event
        events = {*real_columns[event.name].texts.unique()}
        columns = {
            role: read_alike(as_source(t), real_columns, event) for role, t in others.items()
        }
        faults, notes = [], []
        for role, raw in columns.items():
            wrong, column_notes = _names(role, raw, data.plan)
            faults += wrong
            notes += column_notes
        if not faults:
            coded = {role: _coded(raw, data) for role, raw in columns.items()}
            for role, table in coded.items():
                faults += _cells(role, columns[role], table, data, events)
        if len(faults) == 1:
            raise InputError(faults[0])
        if faults:
            raise TableFaults([Fault("", text, "mend it and start again") for text in faults])
        filled = _filled(coded, data)
        return cls(
            data.train,
            filled[SYNTHETIC],
            filled.get(HOLDOUT),
            data.schema,
            data.plan,
            tuple(notes),
            tuple(table for role, table in filled.items() if role not in (SYNTHETIC, HOLDOUT)),
        )


def _names(role: str, raw: Mapping[str, RawColumn], plan: Plan) -> tuple[list[str], list[str]]:
    """Faults of the column names, and what to say of columns that are not compared."""
    outcome = [plan.duration.name, plan.event.name]
    outcome += [name for name in (plan.duration.entry, plan.entry) if name]
    needed = [*(column.name for column in plan.kept), *outcome]
    faults = []
    if missing := [name for name in needed if name not in raw]:
        faults.append(f"the {role} table lacks {', '.join(missing)}, which the real table has")
    dropped = {column.name: column.drop for column in plan.columns if column.drop}
    extra = [name for name in raw if name not in needed and name not in dropped]
    if extra:
        faults.append(
            f"the {role} table has {', '.join(extra)}, which the real table lacks: nobody could "
            "say what it gives away"
        )
    notes = [
        f"{name} of the {role} table was not audited: it is left out ({dropped[name]})"
        for name in raw
        if name in dropped
    ]
    return faults, notes


def _coded(raw: Mapping[str, RawColumn], data: FrameDataModule) -> pd.DataFrame:
    """The table under the names within, NaN for a blank; cells that don't fit stay as they are."""
    plan = data.plan
    clean, _ = plan.covariates(dict(raw))
    for column in plan.kept:
        cells, values = raw[column.name], clean[column.name]
        unfit = values.isna().to_numpy() & ~cells.blank & ~_coded_blank(column.missing, cells)
        clean[column.name] = values.where(~unfit, cells.values)
    return plan.table(clean, plan.outcome(dict(raw)))


def _coded_blank(codes: tuple[str, ...], cells: RawColumn) -> np.ndarray:
    return cells.texts.str.casefold().isin([code.casefold() for code in codes]).to_numpy(bool)


def _cells(
    role: str,
    raw: Mapping[str, RawColumn],
    table: pd.DataFrame,
    data: FrameDataModule,
    events: set[str],
) -> list[str]:
    """What the outcome or the blanks of a table make impossible, as sentences."""
    if len(table) < FEWEST_ROWS:
        return [f"the {role} table has too few rows: {len(table)}, and {FEWEST_ROWS} are needed"]
    plan, faults = data.plan, _no_numbers(role, raw, table, data.plan)
    times = table[DURATION].to_numpy(float)
    if wrong := int((~(np.isfinite(times) & (times >= 0))).sum()):
        faults.append(
            f"the {role} table: {wrong} rows of '{plan.duration.name}' hold no time of at least 0"
        )
    faults += _late(role, table, plan)
    if odd := sorted({*raw[plan.event.name].texts.unique()} - events)[:3]:
        faults.append(
            f"the {role} table: '{plan.event.name}' holds {', '.join(map(repr, odd))}, and the "
            f"real one only {', '.join(map(repr, sorted(events)))}"
        )
    with_blanks = set(data.table.columns[data.table.isna().any()])
    blank = [
        c for c in table.columns[table.isna().any()] if c not in {*with_blanks, DURATION, ENTRY}
    ]
    if blank:
        faults.append(f"the {role} table has blanks in {', '.join(blank)}, and the real one none")
    return faults


def _no_numbers(
    role: str, raw: Mapping[str, RawColumn], table: pd.DataFrame, plan: Plan
) -> list[str]:
    """Texts and infinities where the real table has finite numbers or dates."""
    faults = []
    for column in plan.kept:
        if column.kind == "categorical":
            continue
        cells = table[plan.internal[column.name]]
        numbers = pd.to_numeric(cells, errors="coerce")
        wrong = (cells.notna() & ~np.isfinite(numbers)).to_numpy()
        if wrong.any():
            shown = raw[column.name].texts[wrong].iloc[0][:40]
            finite = f"dates ({column.date_format})" if column.date_format else "finite numbers"
            faults.append(
                f"the {role} table: '{column.name}' holds '{shown}' or the like in {wrong.sum()} "
                f"rows, and the real one only {finite}"
            )
    return faults


def _late(role: str, table: pd.DataFrame, plan: Plan) -> list[str]:
    """What is wrong with the entry times of a table."""
    if not plan.entry:
        return []
    wrong = int((~((table[ENTRY] >= 0) & (table[ENTRY] < table[DURATION]))).sum())
    sentence = f"{wrong} rows of '{plan.entry}' hold no time from 0 to below '{plan.duration.name}'"
    return [f"the {role} table: {sentence}"] * bool(wrong)


def _filled(tables: Mapping[str, pd.DataFrame], data: FrameDataModule) -> dict[str, pd.DataFrame]:
    """The tables without blanks, filled by what the real one tells."""
    if not any(table.isna().any(axis=None) for table in tables.values()):
        return dict(tables)
    from ck4gen.data.mixed_imputer import MixedImputer  # scikit-learn, a second for blanks only

    imputer = MixedImputer(data.schema, data.split_seed, data.understanding.impute_rows).fit(
        data.table
    )
    return {role: imputer.transform(table) for role, table in tables.items()}
