"""Real-only v augmented training: every score of both arms, and their paired difference."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.data.schema import Schema
from ck4gen.evaluation.augmentation.protocol import (
    CALIBRATION,
    PERCENTILES,
    Arm,
    Design,
    calibration,
    concordance,
    refit_slope,
    risk_bins,
)
from ck4gen.evaluation.base.metric import Metric, number
from ck4gen.evaluation.groups import groups

WHOLE = ("c_index", "slope", *CALIBRATION)  # scores of the whole cohort
GROUP = ("c_index", *CALIBRATION)  # of a subgroup
CURVE = ("c_index", "slope")  # of each ratio of synthetic to real rows


def compare(
    real: Arm, augmented: Arm | str, curve: dict[float, Arm | str], design: Design,
    table: pd.DataFrame, schema: Schema,
) -> pd.DataFrame:  # fmt: skip
    """Compare the arms overall, by subgroup, and over the ratio of synthetic to real rows.

    Args:
        real: Arm trained on real halves: one replicate.
        augmented: Arm trained on the same halves and synthetic rows, or why there is none.
        curve: Augmented arms by ratio.
        design: What the arms share.
        table: The cohort, for the subgroups.
        schema: Its columns.

    Returns:
        One row a place and score: ``place`` (``overall``, a subgroup, ``ratio/<ratio>``),
        ``rows``, ``events``, ``score``, and a :class:`Metric` each in ``real``, ``real_sd``,
        ``augmented``, ``augmented_sd`` and ``difference``.
    """
    everyone = np.ones(len(table), bool)
    rows_of_places = list(_place("overall", everyone, WHOLE, real, augmented, design))
    for group in groups(table, schema):
        rows = group.rows(table)
        if rows.any():
            rows_of_places += _place(group.name, rows, GROUP, real, augmented, design)
    for ratio, arm in curve.items():
        rows_of_places += _place(f"ratio/{ratio:g}", everyone, CURVE, real, arm, design)
    return pd.DataFrame(rows_of_places)


def metrics(comparison: pd.DataFrame) -> dict[str, Metric]:
    """The comparison under flat names: ``augmentation/<place>/<arm>/<score>``."""
    metric_by_name: dict[str, Metric] = {}
    for row in comparison.to_dict("records"):
        for arm in ("real", "augmented", "difference"):
            name = f"augmentation/{row['place']}/{arm}/{row['score']}"
            metric_by_name[name] = row[arm]
            if arm != "difference":
                metric_by_name[f"{name}_sd"] = row[f"{arm}_sd"]
    return metric_by_name


def flat(comparison: pd.DataFrame) -> pd.DataFrame:
    """The comparison with plain numbers, for ``augmentation.csv``."""
    table = comparison[["place", "rows", "events", "score"]].copy()
    for cell in ("real", "real_sd", "augmented", "augmented_sd", "difference"):
        table[cell] = [metric.value for metric in comparison[cell]]
    table["low"] = [metric.low for metric in comparison["difference"]]
    table["high"] = [metric.high for metric in comparison["difference"]]
    table["reason"] = [metric.reason for metric in comparison["difference"]]
    return table


def binned_risks(real: Arm, augmented: Arm | str, design: Design) -> pd.DataFrame:
    """Observed against predicted risk of the whole cohort, for a calibration plot.

    Args:
        real: Arm trained on real halves.
        augmented: Arm trained on the same halves and synthetic rows, or why there is none.
        design: What the arms share.

    Returns:
        ``arm`` (``real``, ``augmented``), ``percentile`` and ``time`` of the horizon, ``bin``,
        and the mean ``predicted`` and ``observed`` risk over replicates and splits.
    """
    everyone = np.ones(len(design.cohort.duration), bool)
    arms = {"real": real} | ({} if isinstance(augmented, str) else {"augmented": augmented})
    rows = [
        (name, PERCENTILES[bins.horizon], design.horizons[bins.horizon], bin_index, *risks)
        for name, arm in arms.items()
        for bins in risk_bins(arm, design, everyone)
        for bin_index, risks in enumerate(zip(bins.predicted, bins.observed, strict=True))
    ]
    keys = ["arm", "percentile", "time", "bin"]
    table = pd.DataFrame(rows, columns=[*keys, "predicted", "observed"])
    return table.groupby(keys, sort=False, as_index=False).mean()


def _place(
    name: str, group: np.ndarray, scores: tuple[str, ...], real: Arm, augmented: Arm | str,
    design: Design,
) -> Iterator[dict]:  # fmt: skip
    settings = design.settings
    rows, events = int(group.sum()), int(design.cohort.event.to_numpy()[group].sum())
    head = {"place": name, "rows": rows, "events": events}
    if rows < settings.min_rows or events < settings.min_events:
        least = f"fewer than {settings.min_rows} rows or {settings.min_events} events"
        nothing = Metric(None, reason=f"{rows} rows, {events} events: {least}")
        cells = ("real", "real_sd", "augmented", "augmented_sd", "difference")
        yield from ({**head, "score": score, **dict.fromkeys(cells, nothing)} for score in scores)
        return
    base = _scores(real, design, group, scores)
    other = {} if isinstance(augmented, str) else _scores(augmented, design, group, scores)
    for score in scores:
        row = {**head, "score": score, "real": _mean(base[score]), "real_sd": _sd(base[score])}
        if isinstance(augmented, str):
            nothing = Metric(None, reason=augmented)
            yield {**row, **dict.fromkeys(("augmented", "augmented_sd", "difference"), nothing)}
            continue
        yield {
            **row,
            "augmented": _mean(other[score]),
            "augmented_sd": _sd(other[score]),
            "difference": difference(base[score], other[score], settings.confidence),
        }


def _scores(
    arm: Arm, design: Design, group: np.ndarray, scores: tuple[str, ...]
) -> dict[str, np.ndarray]:
    values = {"c_index": concordance(arm, design, group)}
    if "slope" in scores:
        values["slope"] = refit_slope(arm, design, group)
    return values | (calibration(arm, design, group) if CALIBRATION[0] in scores else {})


def _mean(values: np.ndarray) -> Metric:
    if np.isnan(values).any():
        return Metric(None, reason="in some half or split too few events, or nobody followed")
    return number(values.mean())


def _sd(values: np.ndarray) -> Metric:
    """SD (ddof 0) over halves or splits and replicates."""
    if values.size < 2:
        return Metric(None, reason="a single value: the splits are averaged before it")
    return _mean(values) if np.isnan(values).any() else number(values.std())


def difference(real: np.ndarray, augmented: np.ndarray, confidence: float) -> Metric:
    """Augmented - real, paired by half or split, with an interval.

    Halves of one cohort overlap, so their differences are correlated and s²/J is too small a
    variance of the mean. It is s² (1/J + n_test/n_train), t with J - 1 degrees of freedom
    (Nadeau and Bengio 2003); n_test/n_train is 1 for halves.

    Args:
        real: (1, J) values of the real-only arm.
        augmented: (replicates, J) values of the augmented arm.
        confidence: Level of the interval. With J = 1 it is that of the mean over replicates,
            and covers nothing but the draw of the synthetic rows.
    """
    gaps = augmented - real
    if np.isnan(gaps).any():
        return _mean(gaps)
    units = gaps.shape[1]
    sample, factor, reason = gaps.mean(0), 1 / units + 1, None
    if units == 1:
        sample, factor = gaps[:, 0], 1 / len(gaps)
        reason = "interval over synthetic replicates only"
    if len(sample) < 2:
        return number(gaps.mean(), reason="no interval: one replicate")
    half = stats.t.ppf((1 + confidence) / 2, len(sample) - 1) * np.sqrt(sample.var(ddof=1) * factor)
    return number(gaps.mean(), gaps.mean() - half, gaps.mean() + half, reason)
