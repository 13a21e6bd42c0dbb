"""A user's own cohort in Python: what the command ``ck4gen synthesize`` does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from ck4gen.data.reading import plain_frame
from ck4gen.data.understanding import Plan, schema_text
from ck4gen.data.user_table import FrameDataModule
from ck4gen.experiments import store
from ck4gen.experiments.override_errors import explained
from ck4gen.experiments.prepare import publicly_read
from ck4gen.experiments.synthesize import (
    SHARE,
    configuration,
    of_size,
    synthesize_cohort,
    understood,
)


@dataclass(frozen=True)
class Synthesized:
    """A synthetic table and what is known of it.

    Attributes:
        table: The table, with the user's names, spellings, blanks and coding of the outcome.
        plan: How the real table was read; :func:`ck4gen.data.understanding.screen` shows it.
        verdict: The audit's, as in ``report.json``: ``overall``, ``summary``, ``findings``.
        report: Report of the run behind the table.
    """

    table: pd.DataFrame
    plan: Plan
    verdict: dict
    report: dict


def synthesize(
    table: Any,
    duration: str,
    event: str,
    *,
    entry: str | None = None,
    strata: str | Collection[str] = (),
    cluster: str | None = None,
    entry_date: str | None = None,
    event_of_interest: str | None = None,
    censored: str | None = None,
    competing: str = "keep",
    drop: str | Collection[str] = (),
    schema: str | Path | None = None,
    missing: str = "keep",
    out: str | Path | None = None,
    force: bool = False,
    keys: str | Sequence[str] = ("method=ck4gen_free",),
) -> Synthesized:
    """Make a synthetic table of a cohort and audit the same configuration.

    Args:
        table: One row per patient: a data frame, or the path of a file.
        duration: Column of the time, or of the date of its end.
        event: Column of the event.
        entry: Column of the time at which a patient came under observation, where that was late:
            rows are at risk after it (left truncation).
        strata: Columns by which the Cox model is stratified.
        cluster: Not supported; the refusal says what is.
        entry_date: Column of the date of entry, where ``duration`` is a date.
        event_of_interest: Value of the event column that is the event; None: by rule.
        censored: Value of the event column in which nothing happened; None: by rule.
        competing: ``keep`` causes other than the event, or ``censor`` them.
        drop: Columns to leave out.
        schema: A schema file: how columns are read.
        missing: ``keep`` blanks in the synthetic table, ``impute`` or ``refuse`` them.
        out: Folder to make, with ``share`` and ``keep``; None: no folder, secret or ledger stays.
        force: Replace the folder; its secret and its ledger stay.
        keys: Keys of ``ck4gen train``, as ``"n_samples=1000"``.

    Raises:
        InputError: The table or a key cannot be used; the message says why.
    """
    with TemporaryDirectory() as scratch:
        data: dict[str, Any] = {
            "duration": str(duration),
            "event": str(event),
            "entry": entry,
            "strata": [strata] if isinstance(strata, str) else list(strata),
            "cluster": cluster,
            "entry_date": entry_date,
            "event_of_interest": None if event_of_interest is None else str(event_of_interest),
            "censored": None if censored is None else str(censored),
            "competing": competing,
            "drop": [drop] if isinstance(drop, str) else [str(name) for name in drop],
            "missing": missing,
            "schema": None if schema is None else str(schema),
        }
        overrides = [keys] if isinstance(keys, str) else list(keys)
        with explained(overrides, "train"):
            if isinstance(table, str | Path):
                data["path"] = str(table)
            else:
                read_by = publicly_read(configuration(data, overrides))
                data |= _as_file(table, data, Path(scratch), read_by)
            config = configuration(data, overrides)
            cohort, screen_text = understood(config)
            config = of_size(config, overrides, len(cohort.table))
        folder = Path(scratch, "made") if out is None else Path(out).expanduser().absolute()
        made = synthesize_cohort(config, cohort, screen_text, folder, force)
        file = made.folder / SHARE / store.SYNTHETIC
        synthetic = pd.read_csv(file, keep_default_na=False, na_values=[""])
        return Synthesized(synthetic, cohort.plan, made.audit["verdict"], made.release)


def _as_file(table: Any, data: dict[str, Any], folder: Path, read_by: str | None) -> dict[str, Any]:
    """Write a frame beside a schema that says what text cannot, as the order of its levels.

    Where a public description says how rows are read, there is no such schema.
    """
    frame = plain_frame(table)
    path, schema = folder / "table.csv", folder / "schema.yaml"
    cohort = FrameDataModule(frame, **data, public=read_by)
    if cohort.public is not None:
        frame[cohort.columns_read].to_csv(path, index=False)
        return {"path": str(path)}
    frame.to_csv(path, index=False)
    schema.write_text(schema_text(cohort.plan, cohort.rule_sentences), encoding="utf-8")
    return {"path": str(path), "schema": str(schema), "drop": []}
