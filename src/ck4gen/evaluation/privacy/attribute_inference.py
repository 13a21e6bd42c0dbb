"""Two attackers who want one covariate: one knows the outcome, one every other covariate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from ck4gen.data.schema import DURATION, ENTRY, EVENT, Schema
from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.privacy_settings import PrivacySettings
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.privacy.gower import coordinates_by_column
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS, group_metrics
from ck4gen.evaluation.privacy.intervals import share_detected
from ck4gen.evaluation.privacy.nearest_rows import NearestRows, comparable
from ck4gen.evaluation.privacy.permutation_advantage import (
    advantages,
    gain,
    half_width,
    names,
    null_gains,
    worst,
)
from ck4gen.survival.design_axes import WIDE

OUTCOME_LINK = "privacy/outcome_link_advantage"
ATTRIBUTE = "privacy/attribute_advantage"
ALONE = "one covariate only: the attacker knows no other"
POWER_NAMES = (f"{OUTCOME_LINK}/power",)
INFO = (
    MetricInfo(
        OUTCOME_LINK,
        "Outcome link",
        "what who knows the outcome gains, worst covariate",
        ideal=0,
        null=0.0,
    ),
    MetricInfo(
        ATTRIBUTE,
        "Attributes",
        "what who knows all other covariates gains, the worst one",
        ideal=0,
        null=0.0,
    ),
    *(
        MetricInfo(f"{attack}/{group}", group, "the gain on vulnerable patients", null=0.0)
        for attack in (OUTCOME_LINK, ATTRIBUTE)
        for group in GROUPS
    ),
    MetricInfo(*POWER_NAMES, "Power", "share of planted leaks that it sees"),
    *(
        MetricInfo(f"{attack}/<covariate>", "Gain", "the gain on one covariate", ideal=0, null=0.0)
        for attack in (OUTCOME_LINK, ATTRIBUTE)
    ),
)


def group_names(attack: str) -> tuple[str, ...]:
    """Names of an attack on vulnerable patients."""
    return tuple(f"{attack}/{group}" for group in GROUPS)


def attack_names(attack: str, schema: Schema) -> tuple[str, ...]:
    """Names of an attack: the worst covariate and each."""
    return names(attack, schema.names)


def outcome_success(
    synthetic: pd.DataFrame, targets: pd.DataFrame, real: pd.DataFrame, schema: Schema, tol: float
) -> np.ndarray:
    """(t, p) chance that a covariate read off the row of the same outcome is right.

    The row of the same duration, event and entry, that of the nearest times where there is none.
    """
    _complete(synthetic, schema)
    return _by_outcome(*(_readable(table, real, schema, tol) for table in (synthetic, targets)))


@dataclass(frozen=True)
class _Readable:
    """What the attacker by the outcome knows of some rows and what they read off.

    Attributes:
        times: (n, 1) durations; entry times beside them where patients enter late.
        event: (n,) events.
        values: (n, p) covariates as numbers.
        tolerance: (p,) the largest error that counts as right.
    """

    times: np.ndarray
    event: np.ndarray
    values: np.ndarray
    tolerance: np.ndarray

    def rows(self, rows: np.ndarray) -> _Readable:
        """Some of the rows."""
        return _Readable(self.times[rows], self.event[rows], self.values[rows], self.tolerance)

    def and_then(self, other: _Readable) -> _Readable:
        """These rows, then those of another table."""
        return _Readable(
            np.concatenate([self.times, other.times]),
            np.concatenate([self.event, other.event]),
            np.concatenate([self.values, other.values]),
            self.tolerance,
        )


def _readable(table: pd.DataFrame, real: pd.DataFrame, schema: Schema, tol: float) -> _Readable:
    times = table[[DURATION, *([ENTRY] if schema.delayed_entry else [])]].to_numpy(float)
    event = table[EVENT].to_numpy(float)
    if np.isnan(times).any() or np.isnan(event).any():
        raise ValueError("missing outcomes in the synthetic table")
    columns, tolerances = zip(*(comparable(c, table, real, tol) for c in schema), strict=True)
    return _Readable(times, event, np.column_stack(columns), np.array(tolerances))


def _by_outcome(synthetic: _Readable, targets: _Readable) -> np.ndarray:
    """(t, p) chance of success, see :func:`outcome_success`."""
    # no duration outweighs the event, so that a row of the other kind is the last resort
    far = 2 * max(table.times.max() for table in (synthetic, targets)) + 1
    outcomes = (np.column_stack([t.times, t.event * far]) for t in (synthetic, targets))
    rows = NearestRows.of(*outcomes)
    columns = zip(synthetic.values.T, targets.values.T, synthetic.tolerance, strict=True)
    return np.column_stack([rows.success(*column) for column in columns])


def _complete(synthetic: pd.DataFrame, schema: Schema) -> None:
    """Raise a ValueError where a covariate is missing: nothing could be read off."""
    missing = [name for name in schema.names if synthetic[name].isna().any()]
    if missing:
        raise ValueError(f"missing values in {', '.join(missing)}")


def attribute_success(
    synthetic: pd.DataFrame, targets: pd.DataFrame, real: pd.DataFrame, schema: Schema, tol: float
) -> np.ndarray:
    """(t, p) chance that a covariate read off the row nearest in all others is right.

    Raises:
        ValueError: There is one covariate only, so that the attacker knows nothing.
    """
    if len(schema.names) < 2:
        raise ValueError(ALONE)
    _complete(synthetic, schema)
    points = [coordinates_by_column(table, real, schema) for table in (synthetic, targets)]
    columns = []
    for column, rows in zip(schema, _without_each(schema.names, *points), strict=True):
        (values, tolerance), (truth, _) = (
            comparable(column, table, real, tol) for table in (synthetic, targets)
        )
        columns.append(rows.success(values, truth, tolerance))
    return np.column_stack(columns)


def _without_each(
    names: list[str], synthetic: Mapping[str, np.ndarray], targets: Mapping[str, np.ndarray]
) -> Iterator[NearestRows]:
    """By column, the rows that are nearest in all others.

    Of very many columns by what each adds to the squared distance, since a search for each would
    take hours.

    Args:
        names: The columns.
        synthetic: Their coordinates in the synthetic rows.
        targets: The same of the targets.
    """
    if len(names) <= WIDE:
        for left in names:
            others = [name for name in names if name != left]
            yield NearestRows.of(
                *(np.hstack([of[name] for name in others]) for of in (synthetic, targets))
            )
        return
    parts = [np.hstack([of[name] for name in names]).round(9) for of in (targets, synthetic)]
    whole = cdist(*parts, "sqeuclidean")
    for name in names:
        column_distance = cdist(targets[name].round(9), synthetic[name].round(9), "sqeuclidean")
        yield NearestRows.by_distance(whole - column_distance)


@dataclass(frozen=True)
class Attack:
    """One of the two attacks on every patient, training rows first.

    Attributes:
        name: Its metric.
        success: (N, p) chance of success.
        train: (N,) mask of training rows.
        null: (B, p) gains under permuted labels.
    """

    name: str
    success: np.ndarray
    train: np.ndarray
    null: np.ndarray

    @classmethod
    def made(
        cls, name: str, success: np.ndarray, train: np.ndarray, settings: PrivacySettings
    ) -> Attack:
        """With its null distribution."""
        null = null_gains(success, train, settings.permutations, settings.seed)
        return cls(name, success, train, null)

    def metrics(self, schema: Schema, confidence: float) -> dict[str, Metric]:
        """The worst covariate and each."""
        return advantages(self.name, schema.names, self.success, self.train, self.null, confidence)

    def groups(
        self,
        groups: dict[str, np.ndarray | str],
        settings: PrivacySettings,
        confidence: float,
    ) -> dict[str, Metric]:
        """The worst covariate among vulnerable patients alone, members against controls."""

        def within(member: np.ndarray) -> Metric:
            success, train = self.success[member], self.train[member]
            fewest = min(train.sum(), (~train).sum())
            if fewest < settings.min_vulnerable:
                return Metric(None, reason=f"only {fewest} of them are in one of the two tables")
            null = null_gains(success, train, settings.permutations, settings.seed)
            return worst(success, train, null, confidence)

        return group_metrics(self.name, groups, within)


def outcome_power(
    synthetic: pd.DataFrame,
    patients: pd.DataFrame,
    real: pd.DataFrame,
    schema: Schema,
    attack: Attack,
    settings: PrivacySettings,
    confidence: float,
) -> dict[str, Metric]:
    """Share of planted copies that the attack by the outcome sees, without any other leak.

    Labels are permuted, then whole copies of the "training" rows replace random synthetic rows.
    Detected: the worst covariate's interval excludes 0.
    """
    generator = np.random.default_rng([settings.seed, 2])
    half = half_width(attack.null, confidence)
    planted = max(1, round(settings.planted_share * len(synthetic)))
    _complete(synthetic, schema)
    readable, readable_patients = (
        _readable(table, real, schema, settings.tolerance) for table in (synthetic, patients)
    )
    detected = 0
    for _ in range(settings.power_replicates):
        train = generator.permutation(attack.train)
        copied = readable_patients.rows(generator.choice(np.flatnonzero(train), planted))
        kept = readable.rows(generator.permutation(len(synthetic))[planted:])
        success = _by_outcome(kept.and_then(copied), readable_patients)
        detected += abs(gain(success, train).max()) > half
    power = share_detected(int(detected), settings.power_replicates, confidence)
    return {POWER_NAMES[0]: power}
