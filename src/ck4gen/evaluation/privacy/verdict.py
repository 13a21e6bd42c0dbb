"""What the privacy metrics say to a data custodian: pass, caution or fail, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ck4gen.evaluation.base.metric import Metric
from ck4gen.evaluation.base.registry import find
from ck4gen.evaluation.base.verdict_settings import VerdictSettings
from ck4gen.evaluation.privacy.copies import NO_HOLDOUT
from ck4gen.evaluation.privacy.distances import COARSE
from ck4gen.evaluation.privacy.high_risk_patients import GROUPS
from ck4gen.evaluation.privacy.linkage import NO_SOURCE

STATUSES = ("pass", "caution", "fail")  # from good to bad
NOT_APPLICABLE = "not applicable"
MEANING = {
    "exact_copy": "holds the covariates of real patients unchanged more often than chance explains",
    "dcr_ratio": "lies closer to the patients it was made from than new patients do",
    "nndr": "lies closer to one patient than to any other, more so than new patients do",
    "closer_to_train": "resembles the patients it was made from more than as many others",
    "self_link": "leads back, row by row, to the patient that a row was made from",
    "outcome_link_advantage": "tells whoever knows a patient's time and event the rest of them",
    "attribute_advantage": "tells whoever knows all of a patient but one covariate that covariate",
    "membership_auc": "tells whoever knows a patient whether it was made from them",
}
NO_GUARANTEE = (
    "None of this is a formal (differential privacy) guarantee: it says how these attacks fared, "
    "not that no attack can do better."
)
STANDS_IN = (
    "The audit held patients out and so tested a table made from the others; it stands in for "
    "the table that the same configuration makes from all of them with split=release."
)


@dataclass(frozen=True)
class Finding:
    """The verdict on one metric.

    Attributes:
        status: ``pass``: a leak of the size of the limit is ruled out. ``fail``: a leak is
            shown and reaches the limit. ``caution``: neither, or nothing was measured.
        null: What the metric is without a leak.
        limit: The value at which it fails.
        leak: Whether the interval excludes the null on the leaking side.
        note: What qualifies the status, None where nothing does.
    """

    status: str
    null: float | None
    limit: float | None
    leak: bool
    note: str | None


def verdict(
    metrics: Mapping[str, Metric],
    settings: VerdictSettings,
    patients: int,
    contains_real: bool,
    times_copied: bool,
) -> dict:
    """Judge the privacy metrics of one table.

    Args:
        metrics: All metrics by name.
        settings: The limits.
        patients: Training rows, of which a blind guess finds the right one once in so many.
        contains_real: Whether rows of the table are those of real patients; such a table fails.
        times_copied: Whether its outcomes are those of real patients.

    Returns:
        ``overall`` (the worst status, None without held-out rows), ``reason`` (why there is
        none), ``summary`` (one paragraph) and ``findings`` by metric.
    """
    if metrics["privacy/closer_to_train"].reason == NO_HOLDOUT:
        reason = f"{NO_HOLDOUT}: run the same configuration with split=audit"
        return {"overall": None, "reason": reason, "summary": None, "findings": {}}
    findings = {}
    for name in MEANING:
        findings[f"privacy/{name}"] = _judge(name, name, metrics, settings, 1 / patients)
        for group in GROUPS:  # few patients: they count where they show a leak
            full = f"privacy/{name}/{group}"
            if full in metrics and metrics[full].value is not None:
                found = _judge(name, f"{name}/{group}", metrics, settings, 1 / patients)
                if found.leak:
                    findings[full] = found
    statuses = [f.status for f in findings.values() if f.status != NOT_APPLICABLE]
    overall = "fail" if contains_real else max(statuses, key=STATUSES.index)
    return {
        "overall": overall,
        "reason": None,
        "summary": _summary(findings, contains_real, times_copied),
        "findings": {name: asdict(finding) for name, finding in findings.items()},
    }


def _judge(
    name: str, full: str, metrics: Mapping[str, Metric], settings: VerdictSettings, chance: float
) -> Finding:
    """One metric: its excess over the null against the limit's."""
    metric = metrics[f"privacy/{full}"]
    if metric.value is None:
        known = metric.reason in (NO_SOURCE, COARSE)
        return Finding(NOT_APPLICABLE if known else "caution", None, None, False, metric.reason)
    if name == "nndr" and metrics["privacy/nndr_holdout"].value == 0:
        return Finding(
            NOT_APPLICABLE, None, None, False, "new patients score 0 on data this coarse"
        )
    null, limit, low, high = _scale(name, metric, metrics, settings, chance)
    sign = 1 if limit > null else -1  # of distances the small ones leak
    near, far = (low, high) if sign > 0 else (high, low)
    leak = (near - null) * sign > 0
    beyond = (metric.value - limit) * sign >= 0
    ruled_out = (limit - far) * sign > 0
    power = metrics.get(f"privacy/{full}/power")
    weak = None
    if power is not None and power.value is not None and power.value < settings.min_power:
        weak = f"the test sees planted copies in {power.value:.0%} of trials only"
    if leak and beyond:
        return Finding("fail", null, limit, leak, None)
    if leak:
        return Finding("caution", null, limit, leak, "a leak, smaller than the limit")
    if ruled_out:
        return Finding("pass", null, limit, leak, weak)
    note = "no leak shown, but too few patients to rule out one of the limit's size"
    return Finding("caution", null, limit, leak, note)


def _scale(
    name: str,
    metric: Metric,
    metrics: Mapping[str, Metric],
    settings: VerdictSettings,
    chance: float,
) -> tuple[float, float, float, float]:
    """Null, limit and interval; the noise of a null that is itself measured widens the latter."""
    limit, (value, low, high) = getattr(settings, name), _known(metric)
    if name == "exact_copy":
        null, least, most = _known(metrics["privacy/exact_copy_chance"])
        limit = null + limit
    elif name == "nndr":
        null, least, most = _known(metrics["privacy/nndr_holdout"])
        limit = null * limit
    elif name == "self_link":
        return chance, limit, low, high
    else:
        return _null(name), limit, low, high
    return (
        null,
        limit,
        value - ((value - low) ** 2 + (most - null) ** 2) ** 0.5,
        value + ((high - value) ** 2 + (null - least) ** 2) ** 0.5,
    )


def _known(metric: Metric) -> tuple[float, float, float]:
    """Value and interval of a metric that has them."""
    if metric.value is None or metric.low is None or metric.high is None:
        raise ValueError(f"a value with an interval is expected, not {metric}")
    return metric.value, metric.low, metric.high


def _null(name: str) -> float:
    """What a privacy metric is without a leak, where that is a constant."""
    info = find(f"privacy/{name}")
    if info is None or info.null is None:
        raise ValueError(f"privacy/{name} states no value without a leak")
    return info.null


def _summary(findings: Mapping[str, Finding], contains_real: bool, times_copied: bool) -> str:
    """One paragraph: what an attacker could learn."""
    sentences = []
    if contains_real:
        sentences.append("Rows of this table are those of real patients.")
    openings = {
        ("fail", True): "This table",
        ("caution", True): "To a small degree, below the limit, this table",
        ("caution", False): "It is not ruled out that this table",
    }
    for kind, opening in openings.items():
        named = [
            MEANING[name.split("/")[1]]
            for name, finding in findings.items()
            if (finding.status, finding.leak) == kind and name.count("/") == 1
        ]
        sentences += [f"{opening} {meaning}." for meaning in named]
    for group, who in zip(
        GROUPS, ("patients who move the hazard ratios", "patients unlike the others"), strict=True
    ):
        hit = [n.split("/")[1] for n in findings if n.endswith(f"/{group}")]
        if hit:
            sentences.append(f"Among the {who} a leak shows in {', '.join(hit)}.")
    if times_copied:
        sentences.append(
            "Its times and events are those of real patients, unchanged: whoever knows one can "
            "look for its row."
        )
    if not sentences:
        sentences.append("No attack gained more on the patients it was made from than on others.")
    return " ".join([*sentences, NO_GUARANTEE, STANDS_IN])
