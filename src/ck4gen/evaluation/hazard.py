"""Hazard ratios: unpenalised Cox models with Efron ties on the real and the synthetic table."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines.statistics import proportional_hazard_test
from scipy import stats

from ck4gen.data.schema import DURATION, EVENT, Schema
from ck4gen.evaluation.metric import FAULTS, EvaluationSettings, Metric, absent, number
from ck4gen.models.cox import CoxError, CoxFit, aliased, fit_cox

ESTIMATES = tuple(
    f"hazard/{name}"
    for name in (
        "log_hr_mae", "log_hr_max", "log_hr_z", "ci_overlap", "ci_overlap_karr", "in_ci", "sign",
        "significance", "ci_width_ratio", "ci_width_worst", "info_distance", "degenerate",
    )
)  # fmt: skip
SCHOENFELD = ("hazard/ph",)
RISK = ("hazard/risk_ks", "hazard/risk_sd_ratio")


@dataclass(frozen=True)
class Sample:
    """A table as its Cox model sees it, numerics standardised by the real mean and SD."""

    design: pd.DataFrame
    duration: pd.Series
    event: pd.Series

    def __post_init__(self) -> None:
        whole = self.design.assign(**{DURATION: self.duration, EVENT: self.event})
        missing = whole.columns[whole.isna().any()]
        if len(missing):
            raise ValueError(f"missing values in {', '.join(missing)}")

    def fit(self, columns: list[str] | None = None, penalizer: float = 0.0) -> CoxFit:
        """Cox fit on some or all terms."""
        design = self.design if columns is None else self.design[columns]
        return fit_cox(design, self.duration, self.event, penalizer)

    def where(self, rows: pd.Series) -> Sample:
        """The rows for which ``rows`` is true."""
        return Sample(self.design[rows], self.duration[rows], self.event[rows])


def sample(table: pd.DataFrame, real: pd.DataFrame, schema: Schema) -> Sample:
    """A table on the real scale: log hazard ratios are per real SD of a numeric.

    Raises:
        ValueError: The table has missing values, or text in a numeric column.
    """
    numerics = schema.of_kind("numeric")
    scale = real[numerics].astype(float)
    table = table.reset_index(drop=True)
    design = schema.design(table)
    design[numerics] = (design[numerics] - scale.mean()) / scale.std()
    return Sample(design, table[DURATION], table[EVENT])


def samples(real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema) -> tuple[Sample, Sample]:
    """Both tables on the real scale."""
    return sample(real, real, schema), sample(synthetic, real, schema)


@dataclass(frozen=True)
class Pair:
    """Cox fits of both tables.

    Attributes:
        degenerate: Terms without a finite estimate in the synthetic table: constant, aliased or
            separated. They count as misses in every share.
        ridge: Whether the synthetic fit needed a small ridge because of them.
        caveat: The degenerate terms in words, None where there are none.
    """

    real: CoxFit
    synthetic: CoxFit
    degenerate: list[str]
    ridge: bool

    @property
    def caveat(self) -> str | None:  # noqa: D102
        if not self.degenerate:
            return None
        return f"no estimate for {', '.join(self.degenerate)}" + " (small ridge)" * self.ridge


def fit_pair(fitted: CoxFit, synthetic: Sample, ridge: float) -> Pair:
    """Fit the synthetic table and set it beside the real fit.

    Raises:
        CoxError: The synthetic table holds no events, or not even the ridge gives an estimate.
    """
    design = synthetic.design
    degenerate = [name for name in design if design[name].nunique() < 2]
    kept = [name for name in design if name not in degenerate]
    if not kept:
        raise CoxError("every covariate is constant in the synthetic table")
    try:
        return Pair(fitted, synthetic.fit(kept), degenerate, False)
    except CoxError:
        dependent = aliased(design[kept])
        kept = [name for name in kept if name not in dependent]
        separated = _separating(synthetic, kept)
        penalised = synthetic.fit(kept, ridge)
        lost = [n for n in design if n in {*degenerate, *dependent, *separated}]
        return Pair(fitted, penalised, lost, True)


def _separating(sample: Sample, terms: list[str]) -> list[str]:
    """Terms without which the unpenalised model has an estimate; all where no one term is it."""
    found = [name for name in terms if _separated(sample.design[name], sample.event)]
    rest = [name for name in terms if name not in found]
    if _has_estimate(sample, rest):
        return found
    alone = [n for n in rest if _has_estimate(sample, [other for other in rest if other != n])]
    return found + (alone or rest)


def _has_estimate(sample: Sample, terms: list[str]) -> bool:
    try:
        return not terms or bool(sample.fit(terms))
    except CoxError:
        return False


def _separated(term: pd.Series, event: pd.Series) -> bool:
    """Whether a 0/1 term has no event, or all of them, on one side."""
    return bool(term.isin([0, 1]).all()) and term[event == 1].nunique() < 2


def interval(fit: CoxFit, confidence: float) -> tuple[pd.Series, pd.Series]:
    """Wald interval of the log hazard ratios."""
    half = stats.norm.ppf((1 + confidence) / 2) * fit.standard_errors
    return fit.coefficients - half, fit.coefficients + half


def estimates(
    pair: Pair, real: Sample, synthetic: Sample, settings: EvaluationSettings
) -> dict[str, Metric]:
    """Errors, interval agreement and information of the multivariable model.

    ``ci_overlap_karr`` is the interval overlap of Karr et al. 2006; ``info_distance`` the
    relative Frobenius distance of the per-row information, every term scaled by its real SD.
    """
    terms = list(pair.real.coefficients.index)
    usable = [t for t in pair.synthetic.coefficients.index if t not in pair.degenerate]
    if not usable:
        reason = f"no term has an estimate: {', '.join(pair.degenerate)}"
        return absent(ESTIMATES, reason) | {"hazard/degenerate": number(len(terms), reason=reason)}
    beta, other = pair.real.coefficients[usable], pair.synthetic.coefficients[usable]
    error = (other - beta).abs()
    se = pair.real.standard_errors[usable]
    (low, high), (low_s, high_s) = (
        [end[usable] for end in interval(fit, settings.confidence)]
        for fit in (pair.real, pair.synthetic)
    )
    common = (np.minimum(high, high_s) - np.maximum(low, low_s)).clip(lower=0)
    karr = (common / (high - low) + common / (high_s - low_s)) / 2
    rows = len(synthetic.design) / len(real.design)
    width = (high_s - low_s) / (high - low) * np.sqrt(rows)
    z_real = pair.real.coefficients / pair.real.standard_errors
    z_synthetic = (other / pair.synthetic.standard_errors[usable]).reindex(terms)
    critical = stats.norm.ppf(1 - settings.significance / 2)
    clear = z_real.abs() > critical

    def share(hits: pd.Series, among: int = len(terms)) -> Metric:
        return number(hits.sum() / among if among else np.nan, reason=caveat)

    caveat = pair.caveat
    same_sign = (np.sign(z_real) == np.sign(z_synthetic)) & clear
    return {
        "hazard/log_hr_mae": number(error.mean(), reason=caveat),
        "hazard/log_hr_max": number(error.max(), reason=caveat),
        "hazard/log_hr_z": number((error / se).mean(), reason=caveat),
        "hazard/ci_overlap": share((low <= high_s) & (low_s <= high)),
        "hazard/ci_overlap_karr": share(karr),
        "hazard/in_ci": share((low <= other) & (other <= high)),
        "hazard/sign": share(same_sign, int(clear.sum()))
        if clear.any()
        else Metric(None, reason="no covariate is significant in the real table"),
        "hazard/significance": share(
            (z_synthetic.abs() > critical)[z_synthetic.notna()] == clear[z_synthetic.notna()]
        ),
        "hazard/ci_width_ratio": number(width.mean(), reason=caveat),
        "hazard/ci_width_worst": number(np.log(width).abs().max(), reason=caveat),
        "hazard/info_distance": number(_information_distance(pair, real, synthetic), reason=caveat),
        "hazard/degenerate": number(len(pair.degenerate), reason=caveat),
    }


def _information_distance(pair: Pair, real: Sample, synthetic: Sample) -> float:
    terms = list(pair.real.coefficients.index)
    sd = real.design[terms].std().to_numpy()

    def per_row(fit: CoxFit, rows: int) -> np.ndarray:
        known = pd.DataFrame(fit.information, fit.coefficients.index, fit.coefficients.index)
        whole = known.reindex(index=terms, columns=terms, fill_value=0.0)  # lost: no information
        return whole.to_numpy() * np.outer(sd, sd) / rows

    base = per_row(pair.real, len(real.design))
    other = per_row(pair.synthetic, len(synthetic.design))
    return float(np.linalg.norm(other - base) / np.linalg.norm(base))


def proportionality(pair: Pair, settings: EvaluationSettings) -> dict[str, Metric]:
    """Share of terms with the same verdict in the Schoenfeld test (rank-transformed time)."""
    verdicts = []
    for fit in (pair.real, pair.synthetic):
        test = proportional_hazard_test(fit.fitter, fit.frame, time_transform="rank")
        p_values = pd.Series(np.atleast_1d(test.p_value), fit.coefficients.index)
        verdicts.append(p_values < settings.significance)
    usable = [t for t in verdicts[1].index if t not in pair.degenerate]
    same = (verdicts[0][usable] == verdicts[1][usable]).sum()
    return {"hazard/ph": number(same / len(verdicts[0]), reason=pair.caveat)}


def risk(fitted: CoxFit, real: Sample, synthetic: Sample) -> dict[str, Metric]:
    """Distribution of the real model's linear predictor in both tables."""
    beta = fitted.coefficients
    of_real, of_synthetic = (sample.design[beta.index] @ beta for sample in (real, synthetic))
    return {
        "hazard/risk_ks": number(stats.ks_2samp(of_real, of_synthetic, method="asymp").statistic),
        "hazard/risk_sd_ratio": number(of_synthetic.std() / of_real.std()),
    }


def hazard_table(
    real: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, settings: EvaluationSettings
) -> pd.DataFrame:
    """Hazard ratios per unit of each column with their intervals, one row a term.

    Returns:
        Columns ``term``, ``real``, ``real_low``, ``real_high``, ``synthetic``,
        ``synthetic_low``, ``synthetic_high`` and ``in_ci``; a degenerate term has no synthetic
        numbers, and no term has where the synthetic model cannot be fitted.
    """
    fits, lost = {}, []
    with suppress(*FAULTS):  # evaluate() gives the reason
        fits["real"] = sample(real, real, schema).fit()
        pair = fit_pair(fits["real"], sample(synthetic, real, schema), settings.ridge)
        fits["synthetic"], lost = pair.synthetic, pair.degenerate
    terms = schema.design_names
    unit = pd.Series(1.0, terms)
    numerics = schema.of_kind("numeric")
    unit[numerics] = real[numerics].astype(float).std()
    nothing = pd.Series(np.nan, terms)
    table = {"term": terms}
    for side in ("real", "synthetic"):
        estimate, low, high = (nothing,) * 3
        if side in fits:
            estimate = fits[side].coefficients
            low, high = interval(fits[side], settings.confidence)
        for suffix, values in (("", estimate), ("_low", low), ("_high", high)):
            table[side + suffix] = np.exp(values.reindex(terms) / unit).to_numpy()
    frame = pd.DataFrame(table)
    frame.loc[frame["term"].isin(lost), ["synthetic", "synthetic_low", "synthetic_high"]] = np.nan
    inside = frame["synthetic"].between(frame["real_low"], frame["real_high"])
    return frame.assign(in_ci=inside)
