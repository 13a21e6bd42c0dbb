"""Replicated uniques (RepU): patients who are alone in what is known, and so in the table."""

from __future__ import annotations

import numpy as np

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.intervals import shifted, wilson
from ck4gen.evaluation.privacy.key_groups import banded, key_names, numbered
from ck4gen.evaluation.privacy.permutation_advantage import null_gains

NAMES = ("privacy/repu",)
GAIN = ("privacy/repu_gain",)
INFO = (
    MetricInfo(
        NAMES[0],
        "RepU",
        "patients used who are unique by the keys, and whose keys one row of the table has",
        ideal=0,
    ),
    MetricInfo(
        GAIN[0], "RepU gain", "the same over patients held out, unique among both", null=0.0
    ),
)


def replicated_uniques(tables: AuditedTables) -> dict[str, Metric]:
    """Share of the patients used who are unique, and unique in the table (Raab et al. 2024)."""
    used, synthetic = _groups(tables, [tables.real, tables.synthetic])
    hits = _replicated(used, synthetic)
    return {
        NAMES[0]: number(hits.mean(), *wilson(hits.sum(), len(hits), tables.settings.confidence))
    }


def replicated_gain(tables: AuditedTables) -> dict[str, Metric]:
    """The same of patients who are unique among those used and held out together, used over others.

    So both sides are equally often unique, and a table that tells nothing has a gain of 0.
    """
    settings = tables.settings.privacy
    patients, synthetic = _groups(tables, [tables.patients, tables.synthetic])
    hits = _replicated(patients, synthetic).astype(float)
    gain = hits[tables.train].mean() - hits[~tables.train].mean()
    null = null_gains(hits[:, None], tables.train, settings.permutations, settings.seed)[:, 0]
    return {GAIN[0]: shifted(gain, null, 0.0, tables.settings.confidence)}


def _groups(tables: AuditedTables, rows: list) -> list[np.ndarray]:
    settings = tables.settings.privacy
    keys = key_names(tables.schema, settings.keys)
    return numbered(banded(rows, tables.real, tables.schema, settings.key_bands), keys)


def _replicated(patients: np.ndarray, synthetic: np.ndarray) -> np.ndarray:
    count = max(patients.max(), synthetic.max()) + 1
    patient_counts, table = (
        np.bincount(groups, minlength=count) for groups in (patients, synthetic)
    )
    return (patient_counts[patients] == 1) & (table[patients] == 1)
