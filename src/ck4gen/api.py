"""Evaluation and audit of any two tables, however the synthetic one was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from hydra.errors import HydraException

from ck4gen.config import built, defaults
from ck4gen.data.datamodule import SurvivalDataModule
from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.data.user_table import FrameDataModule
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.control import separate_control
from ck4gen.evaluation.evaluate import evaluate as evaluate_tables
from ck4gen.evaluation.privacy.audit import privacy_metrics
from ck4gen.evaluation.privacy.verdict import verdict
from ck4gen.experiments.reanalysis import beside
from ck4gen.settings import InputError, build


def load(name: str, **keys: object) -> SurvivalDataModule:
    """A public cohort by the name of its file in ``conf/data``.

    Args:
        name: ``gbsg2``, ``actg320``, ``whas500``, ``flchain``, or a dataset of your own.
        **keys: Keys of the file, such as ``coding="raw"``, and ``split``, ``holdout`` and
            ``split_seed`` of :class:`SurvivalDataModule`.

    Returns:
        The data module, set up: ``train`` is its table, ``schema`` says what the columns are.

    Raises:
        InputError: There is no such file, or a key or value is wrong.

    Example:
        >>> load("whas500").train.shape
        (500, 13)
    """
    try:
        node = defaults(f"data={name}")["data"]
    except HydraException as error:
        raise InputError(f"there is no file conf/data/{name}.yaml") from error
    data = built(node | keys)
    data.setup()
    return data


def evaluate(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    duration: str = DURATION,
    event: str = EVENT,
    holdout: pd.DataFrame | None = None,
    level: str = "full",
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

    Returns:
        Metrics by name. One that cannot be computed has no ``value`` but a ``reason``.

    Raises:
        InputError: The real table cannot be used, or another one lacks a column.
    """
    tables = _Tables.of(real, synthetic, duration, event, holdout)
    return evaluate_tables(
        tables.real,
        tables.synthetic,
        tables.schema,
        settings=_settings(level),
        holdout=tables.holdout,
    )


@dataclass(frozen=True)
class Audit:
    """The privacy audit of a table.

    Attributes:
        metrics: The metrics of the attacks by name.
        verdict: ``overall`` (``pass``, ``caution`` or ``fail``), ``summary`` and ``findings``, as
            in ``report.json``.
    """

    metrics: dict[str, Metric]
    verdict: dict

    def __str__(self) -> str:
        return f"privacy verdict: {self.verdict['overall']}. {self.verdict['summary']}"


def audit(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    holdout: pd.DataFrame,
    duration: str = DURATION,
    event: str = EVENT,
    level: str = "full",
) -> Audit:
    """Attack a synthetic table and judge what the attacks find.

    Args:
        real: (n, p + 2) rows that the generator was fitted on.
        synthetic: (m, p + 2) synthetic rows with the same columns.
        holdout: (k, p + 2) real rows that no part of the generator has seen: the control.
        duration: Name of the duration column of all tables.
        event: Name of the event column.
        level: ``full`` or ``fast``, a file of ``conf/evaluation``.

    Raises:
        InputError: The real table cannot be used, or another one lacks a column.
    """
    tables = _Tables.of(real, synthetic, duration, event, holdout)
    settings = _settings(level)
    attacked, control = separate_control(tables.synthetic, tables.holdout)
    metrics = privacy_metrics(tables.real, attacked, control, None, tables.schema, settings)
    judged = verdict(
        metrics,
        settings.verdict,
        len(tables.real),
        contains_real=_within(tables.synthetic, [tables.real, tables.holdout], list(tables.real)),
        times_copied=_within(tables.synthetic, [tables.real], [DURATION, EVENT]),
    )
    return Audit(metrics, judged)


def reanalyse(
    real: pd.DataFrame,
    synthetic: pd.DataFrame | Sequence[pd.DataFrame],
    duration: str = DURATION,
    event: str = EVENT,
) -> pd.DataFrame:
    """Repeat analyses on a table that no generator is calibrated to.

    Beside each stand the same for bootstraps of the real table and for CART: is the table as good
    as a second sample, or as a tree? ``docs/reanalysis.md`` defines every line. The numbers of
    draws and all cuts are those of ``conf/evaluation/full.yaml``.

    Args:
        real: (n, p + 2) real rows.
        synthetic: (m, p + 2) synthetic rows with the same columns, or several such tables.
        duration: Name of the duration column of all tables.
        event: Name of the event column, 1 = event and 0 = censored.

    Returns:
        One row per analysis: its error for ``table`` (mean over tables), ``bootstrap`` and
        ``cart``, in real standard errors; NaN with a ``reason`` where it does not apply.

    Raises:
        InputError: The real table cannot be used, or another one lacks a column.
    """
    given = [synthetic] if isinstance(synthetic, pd.DataFrame) else list(synthetic)
    if not given:
        raise InputError("there is no synthetic table; give at least one")
    tables = [_Tables.of(real, table, duration, event, None) for table in given]
    first = tables[0]
    return beside(first.real, [t.synthetic for t in tables], first.schema, _settings("full"))


def _settings(level: str) -> EvaluationSettings:
    try:
        keys = defaults(f"evaluation={level}")["evaluation"]
    except HydraException as error:
        raise InputError(f"level is '{level}'; choose one of full, fast") from error
    return build(EvaluationSettings, "evaluation", keys)


@dataclass(frozen=True)
class _Tables:
    """The tables under this package's names of the outcome."""

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    schema: Schema

    @classmethod
    def of(
        cls,
        real: pd.DataFrame,
        synthetic: pd.DataFrame,
        duration: str,
        event: str,
        holdout: pd.DataFrame | None,
    ) -> _Tables:
        data = FrameDataModule(real, duration, event)
        data.setup()
        names = [*(column.name for column in data.plan.kept), duration, event]
        others = {"synthetic": synthetic} | ({} if holdout is None else {"holdout": holdout})
        for role, table in others.items():
            if missing := [name for name in names if name not in table]:
                raise InputError(
                    f"the {role} table lacks {', '.join(missing)}, which the real table has"
                )
        recoded = {role: data.recoded(table[names]) for role, table in others.items()}
        return cls(data.train, recoded["synthetic"], recoded.get("holdout"), data.schema)


def _within(table: pd.DataFrame, others: list[pd.DataFrame], columns: list[str]) -> bool:
    """Whether every row of ``table`` stands in one of ``others``, on these columns."""
    known = pd.concat([_plain(other[columns]) for other in others], ignore_index=True)
    rows, real = (pd.MultiIndex.from_frame(t) for t in (_plain(table[columns]), known))
    return bool(rows.isin(real).all())


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers as floats and all else as text, so that 1 and 1.0 are the same value."""
    return table.apply(
        lambda v: v.astype(float) if pd.api.types.is_numeric_dtype(v) else v.astype(str)
    )
