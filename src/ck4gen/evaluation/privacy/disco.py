"""DiSCO: disclosive in the synthetic table, and correct in the original one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.audited_tables import AuditedTables
from ck4gen.evaluation.privacy.intervals import wilson
from ck4gen.evaluation.privacy.key_groups import banded, key_names, numbered
from ck4gen.evaluation.privacy.permutation_advantage import null_gains, worst
from ck4gen.survival.design_axes import WIDE

NAMES = ("privacy/disco",)
GAIN = ("privacy/disco_gain",)
INFO = (
    MetricInfo(
        NAMES[0],
        "DiSCO",
        "patients used of whom rows with the same keys all tell one covariate, rightly; worst one",
    ),
    MetricInfo(
        GAIN[0], "DiSCO gain", "the same over patients held out, worst covariate", ideal=0, null=0.0
    ),
)


def disco(tables: AuditedTables) -> dict[str, Metric]:
    """Share of the patients used whose keys disclose a covariate in the table, and rightly.

    All rows of the table with the patient's keys have one level, or band, of the covariate, and it
    is the patient's (Raab, Nowok and Dibben 2024). The covariate with the largest share, which the
    reason names. Much of it holds of any patient; :func:`disco_gain` is what is left.

    Raises:
        ValueError: There is no covariate to disclose beside the keys.
    """
    names, hits = _hits(tables, tables.real)
    shares = hits.mean(0)
    highest = int(shares.argmax())
    low, high = wilson(hits[:, highest].sum(), len(hits), tables.settings.confidence)
    return {NAMES[0]: number(shares[highest], low, high, reason=f"of {names[highest]}")}


def disco_gain(tables: AuditedTables) -> dict[str, Metric]:
    """The share on patients used minus that on patients held out, worst covariate."""
    settings = tables.settings.privacy
    _, hits = _hits(tables, tables.patients)
    null = null_gains(hits, tables.train, settings.permutations, settings.seed)
    return {GAIN[0]: worst(hits, tables.train, null, tables.settings.confidence)}


def _hits(tables: AuditedTables, patients: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Covariates, and (n, p) whether each is disclosed of a patient, rightly."""
    settings = tables.settings.privacy
    keys = key_names(tables.schema, settings.keys)
    coded = banded([patients, tables.synthetic], tables.real, tables.schema, settings.key_bands)
    if len(keys) > WIDE and not settings.keys:
        return keys, _by_difference(*(table[keys].to_numpy() for table in coded))
    disclosed = {}
    for name in tables.schema.names:
        other_keys = [key for key in keys if key != name]
        if not other_keys:
            continue
        patient_cells, table = numbered(coded, other_keys)
        values = coded[1][name].to_numpy()
        size = max(patient_cells.max(), table.max()) + 1
        least, most = np.full(size, np.inf), np.full(size, -np.inf)
        np.minimum.at(least, table, values)
        np.maximum.at(most, table, values)
        truth = coded[0][name].to_numpy()
        disclosed[name] = (least[patient_cells] == most[patient_cells]) & (
            least[patient_cells] == truth
        )
    if not disclosed:
        raise ValueError("one covariate only: nothing is known beside it")
    return list(disclosed), np.column_stack(list(disclosed.values())).astype(float)


def _by_difference(patients: np.ndarray, synthetic: np.ndarray) -> np.ndarray:
    """(n, p) the same where all other covariates are keys, by the cells in which rows differ.

    A row that agrees in all others agrees in all, or differs in this one alone. To group the rows
    anew for each of very many columns would take hours.
    """
    hits = np.zeros(patients.shape)
    for row, patient in enumerate(patients):
        differs = synthetic != patient
        cells = differs.sum(1)
        if (cells == 0).any():
            hits[row] = ~differs[cells == 1].any(0)
    return hits
