"""Scores of an augmentation arm, under the authors' protocol and under its corrected form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd

from ck4gen.constraints import AtLeast, NonNegative, Positive, Share, check_fields
from ck4gen.evaluation.augmentation.halves import Half
from ck4gen.evaluation.utility.discrimination import c_index
from ck4gen.evaluation.utility.prediction import Proportional, breslow
from ck4gen.evaluation.utility.risk_calibration import (
    binned_risk,
    quantile_bins,
    slope,
    through_origin,
)
from ck4gen.settings import at_least, choose
from ck4gen.survival.cox_data import CoxData

PROTOCOLS = ("corrected", "author")
PERCENTILES = (25, 50, 75)  # of the durations: the horizons at which calibration is read
CALIBRATION = tuple(f"{score}_{p}" for score in ("slope", "d21") for p in PERCENTILES)


@dataclass(frozen=True)
class ProtocolSettings:
    """The keys of ``augmentation`` in ``conf/augment.yaml``; each is described there."""

    repeats: Annotated[int, AtLeast(2)]
    replicates: Positive
    ratio: Annotated[float, AtLeast(0.01)]
    curve: tuple[float, ...]
    penalizer: NonNegative
    bins: Annotated[int, AtLeast(2)]
    bin_rows: Positive
    min_rows: Annotated[int, AtLeast(2)]
    min_events: Positive
    confidence: Share

    def __post_init__(self) -> None:
        path = "augmentation"
        object.__setattr__(self, "curve", tuple(self.curve))
        check_fields(path, self)
        for ratio in self.curve:
            at_least(f"{path}.curve", ratio, 0.01)


@dataclass(frozen=True)
class Design:
    """What every arm shares.

    Attributes:
        protocol: ``corrected`` or ``author``.
        cohort: All rows.
        halves: The 5 x 2 design on them.
        settings: The keys of ``augmentation``.
    """

    protocol: str
    cohort: CoxData
    halves: list[Half]
    settings: ProtocolSettings

    def __post_init__(self) -> None:
        choose("protocol", self.protocol, PROTOCOLS)

    @property
    def horizons(self) -> np.ndarray:
        """The three times at which calibration is read."""
        return np.percentile(self.cohort.duration, PERCENTILES)

    @property
    def splits(self) -> list[tuple[int, int]]:
        """Positions of the two halves of each split."""
        return [(first, first + 1) for first in range(0, len(self.halves), 2)]


Arm = list[
    list[Proportional]
]  # by synthetic replicate, then by half: predictions for its test rows


def concordance(arm: Arm, design: Design, group: np.ndarray) -> np.ndarray:
    """(replicates, halves) Harrell's C among the test rows of a subgroup; NaN without pairs."""
    return _by_half(arm, design, group, lambda risk, rows: c_index(risk, rows))


def refit_slope(arm: Arm, design: Design, group: np.ndarray) -> np.ndarray:
    """(replicates, halves) calibration slope of a Cox refit on the test rows."""
    level = design.settings.confidence

    def score(risk: np.ndarray, rows: CoxData) -> float:
        value = slope(risk, rows, level).value
        return np.nan if value is None else value

    return _by_half(arm, design, group, score)


def _by_half(
    arm: Arm, design: Design, group: np.ndarray, score: Callable[[np.ndarray, CoxData], float]
) -> np.ndarray:
    values = np.full((len(arm), len(design.halves)), np.nan)
    for index, half in enumerate(design.halves):
        inside = group[half.test]
        rows = _rows(design.cohort, half.test[inside])
        for replicate, predictions in enumerate(arm):
            with suppress(ArithmeticError, ValueError):  # no event among them, or no two risks
                values[replicate, index] = score(predictions[index].risk[inside], rows)
    return values


def _rows(cohort: CoxData, rows: np.ndarray) -> CoxData:
    parts = (cohort.design, cohort.duration, cohort.event)
    return CoxData(*(part.iloc[rows].reset_index(drop=True) for part in parts))


@dataclass(frozen=True)
class RiskBins:
    """Mean predicted and observed risk in bins of predicted risk.

    Attributes:
        replicate: Synthetic replicate.
        split: Split of the design; 0 under ``author``, which averages over them.
        horizon: Position in ``PERCENTILES``.
        predicted: (bins,) mean predicted risks.
        observed: (bins,) observed ones.
    """

    replicate: int
    split: int
    horizon: int
    predicted: np.ndarray
    observed: np.ndarray


def calibration(arm: Arm, design: Design, group: np.ndarray) -> dict[str, np.ndarray]:
    """Slopes of observed on predicted risk at each horizon, and D21 = |1 - slope|.

    (replicates, splits) each, over :func:`risk_bins`; ``author`` has one split.
    """
    splits = 1 if design.protocol == "author" else len(design.splits)
    slopes = np.full((len(arm), splits, len(PERCENTILES)), np.nan)
    for bins in risk_bins(arm, design, group):
        with suppress(ValueError):  # every predicted risk is 0
            slope_there = through_origin(bins.predicted, bins.observed)
            slopes[bins.replicate, bins.split, bins.horizon] = slope_there
    named = {f"slope_{p}": slopes[:, :, horizon] for horizon, p in enumerate(PERCENTILES)}
    return named | {
        f"d21_{p}": np.abs(1 - slopes[:, :, horizon]) for horizon, p in enumerate(PERCENTILES)
    }


def risk_bins(arm: Arm, design: Design, group: np.ndarray) -> Iterator[RiskBins]:
    """Observed against predicted risk among the rows of a subgroup.

    ``corrected``: for every split. Its two halves predict every row once, each with the
    baseline of the model that was trained on the other half; observed risk is 1 -
    Kaplan-Meier at the horizon within quantile bins of the subgroup, fewer where rows are few.

    ``author``: once. Linear predictors are averaged over the splits, one Breslow baseline is
    fitted on the whole cohort, and the observed risk of a bin is all its events, at any time,
    over a twentieth of the whole cohort, whatever the subgroup and the censoring.
    """
    return (_author if design.protocol == "author" else _corrected)(arm, design, group)


def _corrected(arm: Arm, design: Design, group: np.ndarray) -> Iterator[RiskBins]:
    settings = design.settings
    rows = _rows(design.cohort, np.flatnonzero(group))
    bins = max(2, min(settings.bins, len(rows.duration) // settings.bin_rows))
    for replicate, predictions in enumerate(arm):
        for split, pair in enumerate(design.splits):
            risk = np.empty((len(group), len(PERCENTILES)))
            for index in pair:
                risk[design.halves[index].test] = 1 - predictions[index].survival(design.horizons)
            for index, time in enumerate(design.horizons):
                yield RiskBins(
                    replicate, split, index, *binned_risk(risk[group, index], rows, time, bins)
                )


def _author(arm: Arm, design: Design, group: np.ndarray) -> Iterator[RiskBins]:
    cohort, bins = design.cohort, design.settings.bins
    duration, event = cohort.duration.to_numpy(float), cohort.event.to_numpy()
    for replicate, predictions in enumerate(arm):
        mean = averaged(predictions, design)
        model = Proportional(mean, breslow(mean, duration, event))
        risk = 1 - model.survival(design.horizons)[group]
        for horizon in range(len(PERCENTILES)):
            bin_index = pd.Series(quantile_bins(risk[:, horizon], bins))
            predicted = pd.Series(risk[:, horizon]).groupby(bin_index).mean()
            observed = pd.Series(event[group]).groupby(bin_index).sum() / (len(event) / bins)
            yield RiskBins(replicate, 0, horizon, predicted.to_numpy(), observed.to_numpy())


def averaged(predictions: list[Proportional], design: Design) -> np.ndarray:
    """(n,) linear predictor of each row, centred on its training rows, mean over the splits."""
    total = np.zeros(len(design.cohort.duration))
    for half, prediction in zip(design.halves, predictions, strict=True):
        total[half.test] += prediction.risk - prediction.baseline.centre
    return total / len(design.splits)
