"""How other analyses of the synthetic table come out, in words that a clinician knows."""

from __future__ import annotations

from ck4gen.evaluation.privacy.words import plain
from ck4gen.evaluation.reanalysis.reanalysis import METRICS

WORDS = {
    "cox_stratified": "Cox model with a baseline of its own for each category of one column",
    "cox_dropped": "Cox model without one of the covariates",
    "weibull": "Weibull model of the survival time",
    "quadratic": "Cox model with squares of the numbers",
    "splines": "Cox model with bends in the effect of a number (splines)",
    "thirds": "Cox model of numbers cut into thirds",
    "tails": "hazard of the lowest and the highest values of a number",
    "curve": "survival of all patients over time",
    "group_curves": "survival within groups",
    "group_means": "mean survival time within groups",
    "logistic": "logistic regression of the event by a fixed time",
    "censoring_model": "Cox model of the end of follow-up (censoring)",
    "censoring_curve": "share of patients still followed over time",
    "events": "share of patients with the event",
    "rank_correlations": "rank correlations of two columns",
    "squares": "correlations with squares of the numbers",
    "triple_products": "three columns taken together",
    "triple_shares": "shares of patients with three features at once (the worst)",
}


def reanalyses(release: dict) -> list[dict]:
    """Every analysis that was repeated: what it is, and its error or why it has none.

    Args:
        release: Report of the run behind the table; without the analyses nothing is said.
    """
    rows = []
    for name, line in METRICS.items():
        metric = release["metrics"].get(name)
        if metric is None or (metric["value"] is None and _left_out(metric)):
            continue
        rows.append(
            {
                "analysis": WORDS[line.name],
                "error": metric["value"],
                "reason": plain(metric["reason"] or ""),
            }
        )
    return rows


def _left_out(metric: dict) -> bool:
    """Whether nobody asked for it."""
    return str(metric["reason"]).startswith("not computed under")
