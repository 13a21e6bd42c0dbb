"""Evaluation and audit of any two tables, however the synthetic one was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from hydra.errors import HydraException
from omegaconf import MISSING

from ck4gen.config import built, choices, defaults, without
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.evaluate import evaluate as evaluate_tables
from ck4gen.evaluation.table_pair import HOLDOUT, SYNTHETIC, TablePair
from ck4gen.experiments.audit_tables import (
    Audited,
    audit_tables,
    evaluation_settings,
    write_audit,
)
from ck4gen.experiments.read_pair import read_pair, synthetic_roles
from ck4gen.experiments.reanalysis import beside
from ck4gen.settings import InputError, there_is_no

SPLIT_KEYS = ("split", "holdout", "split_seed")


def load(name: str, **keys: object) -> SurvivalDataModule:
    """A public cohort by the name of its file in ``conf/data``.

    Args:
        name: ``gbsg2``, ``actg320``, ``whas500``, ``flchain``, ``registry`` (simulated, of any
            number of ``rows``), ``published`` (with the ``path`` of published numbers), or a
            dataset of your own.
        **keys: Keys of the file, such as ``coding="raw"``, and ``split``, ``holdout`` and
            ``split_seed`` of :class:`SurvivalDataModule`.

    Returns:
        The data module, set up: ``train`` is its table, ``schema`` says what the columns are.

    Raises:
        InputError: There is no such cohort, or a key or value is wrong.

    Example:
        >>> load("whas500").train.shape
        (500, 13)
    """
    try:
        node = defaults(f"data={name}")["data"]
    except HydraException as error:
        raise InputError(there_is_no("data", str(name), choices("data"))) from error
    cohort_keys = [key for key in without(node, "name", "display") if not key.startswith("_")]
    if unknown := [key for key in keys if key not in (*cohort_keys, *SPLIT_KEYS)]:
        raise InputError(
            f"data={name} has no key {', '.join(unknown)}; its keys are "
            f"{', '.join((*cohort_keys, *SPLIT_KEYS))}"
        )
    node |= keys
    if missing := [key for key in cohort_keys if node[key] == MISSING]:
        raise InputError(f"data={name} needs {', '.join(missing)}; give {missing[0]}=...")
    data = built(node)
    data.setup()
    return data


def evaluate(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    duration: str = DURATION,
    event: str = EVENT,
    holdout: pd.DataFrame | None = None,
    level: str = "full",
    entry: str | None = None,
    strata: str | Sequence[str] = (),
) -> dict[str, Metric]:
    """Compare a synthetic table with the real one; ``docs/metrics.md`` defines every metric.

    Args:
        real: (n, p + 2) rows that the generator was fitted on.
        synthetic: (m, p + 2) synthetic rows with the same columns.
        duration: Name of the duration column of all tables.
        event: Name of the event column, 1 = event and 0 = censored.
        holdout: (k, p + 2) real rows that no part of the generator has seen; without them
            the attacks have no control and are null.
        level: ``full`` or ``fast``, a file of ``conf/evaluation``.
        entry: Name of the column of times at which patients came under observation late.
        strata: Columns by which Cox models are stratified.

    Returns:
        Metrics by name. One that cannot be computed has no ``value`` but a ``reason``.

    Raises:
        InputError: The real table cannot be used, or another one lacks a column.
    """
    settings = evaluation_settings(level)
    others = {SYNTHETIC: synthetic} | ({} if holdout is None else {HOLDOUT: holdout})
    data = FrameDataModule(real, duration, event, entry=entry, strata=strata)
    pair = TablePair.of(data, real, others)
    return evaluate_tables(
        pair.real, pair.synthetic, pair.schema, settings=settings, holdout=pair.holdout
    )


@dataclass(frozen=True)
class Audit:
    """The audit of a table.

    Attributes:
        metrics: Every metric by name.
        verdict: ``overall`` (``pass``, ``fail``, ``too few patients`` or ``not tested``),
            ``summary``, ``reason``, ``patients`` and ``findings``, as in ``report.json``.
        found: The tables, hazard ratios and small cells behind them.
    """

    metrics: dict[str, Metric]
    verdict: dict
    found: Audited

    def __str__(self) -> str:
        return f"privacy verdict: {self.verdict['overall']}. {self.verdict['summary']}"

    def save(self, folder: str | Path, force: bool = False) -> None:
        """Write the page, ``report.json`` and the hazard ratios into a folder, to keep.

        Raises:
            InputError: The folder is there already and ``force`` is not given.
        """
        names = {role: role for role in ("real", SYNTHETIC, HOLDOUT)}
        write_audit(self.found, names, Path(folder).expanduser().absolute(), force)


def audit(
    real: Any,
    synthetic: Any,
    holdout: Any = None,
    duration: str = DURATION,
    event: str = EVENT,
    level: str | None = None,
    **keys: Any,
) -> Audit:
    """Attack a synthetic table, made anywhere, and judge what the attacks find.

    Args:
        real: (n, p + 2) rows that the generator was fitted on: a data frame or the path of a file.
        synthetic: (m, p + 2) synthetic rows with the same columns, or a list of all tables that
            leave together, as those of several seeds: they are attacked as one.
        holdout: (k, p + 2) real rows that no part of the generator has seen: the control. Without
            them no table passes.
        duration: Name of the duration column of all tables.
        event: Name of the event column.
        level: ``full``, ``fast`` or ``large``, a file of ``conf/evaluation``; None: by size.
        **keys: ``entry``, ``strata``, ``entry_date``, ``event_of_interest``, ``drop`` and
            ``schema`` of :func:`ck4gen.synthesize`.

    Raises:
        InputError: The real table cannot be used, or another one does not fit it; every reason is
            named.
    """
    if level is not None:
        evaluation_settings(level)  # a wrong one is refused before anything is read
    pair = read_pair(real, synthetic, holdout, duration=duration, event=event, **keys)
    audited = audit_tables(pair, level)
    return Audit(audited.metrics, audited.verdict, audited)


def reanalyse(
    real: Any,
    synthetic: Any,
    duration: str = DURATION,
    event: str = EVENT,
    *,
    entry: str | None = None,
    strata: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Repeat analyses on a table that no generator is calibrated to.

    Beside each stand the same for bootstraps of the real table and for CART: is the table as good
    as a bootstrap, or as a tree? ``docs/reanalysis.md`` defines every line. The numbers of
    draws and all cuts are those of ``conf/evaluation/full.yaml``.

    Args:
        real: (n, p + 2) real rows, a frame of any library.
        synthetic: (m, p + 2) synthetic rows with the same columns, or a list of such tables.
        duration: Name of the duration column of all tables.
        event: Name of the event column, 1 = event and 0 = censored.
        entry: Name of the column of times at which patients came under observation late.
        strata: Columns by which Cox models are stratified.

    Returns:
        One row per analysis: its error for ``table`` (mean over tables), ``bootstrap`` and
        ``cart``, in real standard errors; NaN with a ``reason`` where it does not apply.

    Raises:
        InputError: The real table cannot be used, or another one lacks a column.
    """
    data = FrameDataModule(real, duration, event, entry=entry, strata=strata)
    pair = TablePair.of(data, real, synthetic_roles(synthetic))
    return beside(pair.real, pair.leaving, pair.schema, evaluation_settings("full"))
