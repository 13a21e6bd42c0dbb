"""Hazard ratios: the same Cox model with Efron ties on the real and the synthetic table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from ck4gen.evaluation.base.metric import Metric, absent, number
from ck4gen.evaluation.base.registry import MetricInfo
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.evaluation.cox_pair import CoxPair
from ck4gen.survival.cox import CoxFit, wald_interval
from ck4gen.survival.cox_data import CoxData
from ck4gen.survival.proportional_hazards import proportional_hazards_test

ESTIMATES = tuple(
    f"hazard/{name}"
    for name in (
        "log_hr_mae", "log_hr_max", "log_hr_z", "ci_overlap", "ci_overlap_karr", "in_ci", "sign",
        "significance", "ci_width_ratio", "ci_width_worst", "info_distance", "degenerate",
    )
)  # fmt: skip
SCHOENFELD = ("hazard/ph",)
RISK = ("hazard/risk_ks", "hazard/risk_sd_ratio")
INFO = (
    MetricInfo("hazard/log_hr_mae", "MAE of log HR", "mean error of log hazard ratios", ideal=0),
    MetricInfo(
        "hazard/log_hr_max",
        "Largest error of log HR",
        "largest error of log hazard ratios",
        ideal=0,
    ),
    MetricInfo(
        "hazard/log_hr_z",
        "Error of log HR, SE",
        "mean error of log hazard ratios, in standard errors (a bootstrap: ~0.8)",
        ideal=0,
        headline=True,
    ),
    MetricInfo(
        "hazard/ci_overlap",
        "CI overlap",
        "share of covariates whose 95% CIs overlap",
        ideal=1,
        headline=True,
    ),
    MetricInfo(
        "hazard/ci_overlap_karr",
        "CI overlap (Karr)",
        "mean share of the intervals that overlaps",
        ideal=1,
    ),
    MetricInfo(
        "hazard/in_ci",
        "HR in real CI",
        "share of synthetic hazard ratios inside the real 95% CI",
        ideal=1,
        headline=True,
    ),
    MetricInfo(
        "hazard/sign", "Sign", "share of significant hazard ratios with the same direction", ideal=1
    ),
    MetricInfo(
        "hazard/significance", "Significance", "share of terms with the same Wald verdict", ideal=1
    ),
    MetricInfo(
        "hazard/ci_width_ratio",
        "CI width ratio",
        "mean width of the synthetic intervals over the real ones, per row",
        ideal=1,
    ),
    MetricInfo(
        "hazard/ci_width_worst",
        "Worst CI width",
        "largest |log| of the width ratio over terms",
        ideal=0,
    ),
    MetricInfo(
        "hazard/info_distance",
        "Information distance",
        "relative distance of the information per row",
        ideal=0,
    ),
    MetricInfo(
        "hazard/degenerate",
        "Degenerate terms",
        "terms without an estimate in the synthetic table",
        ideal=0,
        digits=0,
    ),
    MetricInfo(
        "hazard/ph",
        "Proportional hazards",
        "share of terms with the same Schoenfeld verdict",
        ideal=1,
    ),
    MetricInfo(
        "hazard/risk_ks",
        "Risk KS",
        "Kolmogorov-Smirnov distance of the Cox risk score",
        ideal=0,
        digits=3,
    ),
    MetricInfo(
        "hazard/risk_sd_ratio",
        "Risk SD ratio",
        "SD of the Cox risk score over the real one",
        ideal=1,
    ),
)


def estimates(
    pair: CoxPair, real: CoxData, synthetic: CoxData, settings: EvaluationSettings
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
        [end[usable] for end in wald_interval(fit, settings.confidence)]
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


def _information_distance(pair: CoxPair, real: CoxData, synthetic: CoxData) -> float:
    terms = list(pair.real.coefficients.index)
    sd = real.design[terms].std().to_numpy()

    def per_row(fit: CoxFit, rows: int) -> np.ndarray:
        information = pd.DataFrame(fit.information, fit.coefficients.index, fit.coefficients.index)
        # lost: no information
        whole = information.reindex(index=terms, columns=terms, fill_value=0.0)
        return whole.to_numpy() * np.outer(sd, sd) / rows

    base = per_row(pair.real, len(real.design))
    other = per_row(pair.synthetic, len(synthetic.design))
    return float(np.linalg.norm(other - base) / np.linalg.norm(base))


def proportionality(pair: CoxPair, settings: EvaluationSettings) -> dict[str, Metric]:
    """Share of terms with the same verdict in the Schoenfeld test (rank-transformed time)."""
    verdicts = [
        proportional_hazards_test(fit) < settings.significance
        for fit in (pair.real, pair.synthetic)
    ]
    usable = [t for t in verdicts[1].index if t not in pair.degenerate]
    same = (verdicts[0][usable] == verdicts[1][usable]).sum()
    return {"hazard/ph": number(same / len(verdicts[0]), reason=pair.caveat)}


def risk(fitted: CoxFit, real: CoxData, synthetic: CoxData) -> dict[str, Metric]:
    """Distribution of the real model's linear predictor in both tables."""
    beta = fitted.coefficients
    of_real, of_synthetic = (sample.design[beta.index] @ beta for sample in (real, synthetic))
    return {
        "hazard/risk_ks": number(stats.ks_2samp(of_real, of_synthetic, method="asymp").statistic),
        "hazard/risk_sd_ratio": number(of_synthetic.std() / of_real.std()),
    }
